import { entityName } from '@bascule/contracts';
import { z } from 'zod';
import { storageFault } from '../storable-text.js';

const scalar = z.union([z.string().max(1000), z.number(), z.boolean()]);
const customProperties = z.array(z.looseObject({ property: z.string(), value: z.unknown() })).optional();

const range = z.tuple([z.number(), z.number()]);

/** One assertion: of the ODCS quality library, or `custom` of the engine `bascule`; others are kept and not executed. */
export const quality = z.looseObject({
  type: z.enum(['text', 'library', 'sql', 'custom']).default('library'),
  name: z.string().max(200).optional(),
  description: z.string().max(2000).optional(),
  /** `error` (the default) refuses; `warning` and `info` are reported. */
  severity: z.string().max(50).optional(),
  engine: z.string().max(100).optional(),
  implementation: z.union([z.string().max(100_000), z.record(z.string(), z.unknown())]).optional(),
  metric: z.string().optional(),
  arguments: z
    .looseObject({
      validValues: z
        .array(z.union([scalar, z.null()]))
        .max(100_000)
        .optional(),
      missingValues: z.array(z.union([z.string(), z.null()])).optional(),
      properties: z.array(z.string()).optional(),
      pattern: z.string().max(500).optional(),
    })
    .optional(),
  mustBe: z.number().optional(),
  mustNotBe: z.number().optional(),
  mustBeGreaterThan: z.number().optional(),
  mustBeGreaterOrEqualTo: z.number().optional(),
  mustBeLessThan: z.number().optional(),
  mustBeLessOrEqualTo: z.number().optional(),
  mustBeBetween: range.optional(),
  mustNotBeBetween: range.optional(),
  unit: z.enum(['rows', 'percent']).default('rows'),
});
export type Quality = z.infer<typeof quality>;

/** Where the values of a column must occur: `dataset.column`, the key of another dataset. */
const relationship = z.looseObject({
  type: z.string().optional(),
  from: z.union([z.string(), z.array(z.string())]).optional(),
  to: z.union([z.string(), z.array(z.string())]),
});

const bound = z.union([z.number(), z.string().max(40)]);

export const property = z.looseObject({
  name: z.string().regex(/^[a-z][a-z0-9_]{0,62}$/, 'a column name: lower-case letters, digits and underscores'),
  physicalName: z.string().min(1).max(200).optional(),
  logicalType: z.enum(['string', 'date', 'timestamp', 'number', 'integer', 'boolean']),
  required: z.boolean().default(false),
  unique: z.boolean().default(false),
  primaryKey: z.boolean().default(false),
  logicalTypeOptions: z
    .looseObject({
      minimum: bound.optional(),
      maximum: bound.optional(),
      exclusiveMinimum: bound.optional(),
      exclusiveMaximum: bound.optional(),
      pattern: z.string().max(500).optional(),
      minLength: z.int().min(0).optional(),
      maxLength: z.int().min(0).optional(),
    })
    .default({}),
  quality: z.array(quality).default([]),
  relationships: z.array(relationship).max(20).default([]),
  customProperties,
});
export type Property = z.infer<typeof property>;

const schemaObject = z.looseObject({
  name: z.string().min(1),
  properties: z.array(property).min(1).max(2000),
  quality: z.array(quality).default([]),
  relationships: z.array(relationship).max(20).default([]),
  customProperties,
});
export type SchemaObject = z.infer<typeof schemaObject>;

/** A promise about the service, such as how old the newest record may be. */
export const slaProperty = z.looseObject({
  property: z.string().max(200),
  value: z.union([z.string().max(1000), z.number(), z.boolean(), z.null()]),
  unit: z.string().max(100).optional(),
  element: z.string().max(1000).optional(),
});
export type SlaProperty = z.infer<typeof slaProperty>;

/** A data contract: the Open Data Contract Standard 3.1 as JSON. Unknown fields are kept. */
export const odcsContract = z
  .looseObject({
    apiVersion: z.string().regex(/^v3\.\d+\.\d+$/, 'ODCS version 3, for example v3.1.0'),
    kind: z.literal('DataContract'),
    id: z.string().min(1),
    name: entityName,
    version: z.string().min(1),
    status: z.string().min(1),
    schema: z.array(schemaObject).length(1, 'exactly one schema object: a dataset is one table'),
    slaDefaultElement: z.string().max(1000).optional(),
    slaProperties: z.array(slaProperty).max(1000).optional(),
    customProperties,
  })
  .superRefine((document, check) => {
    const fault = storageFault(document);
    if (fault) check.addIssue({ code: 'custom', path: [...fault.path], message: fault.message });
  });
export type OdcsContract = z.infer<typeof odcsContract>;
