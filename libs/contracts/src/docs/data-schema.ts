import { z } from 'zod';
import type { EventDefinition } from '../define-event.js';

/** The part of JSON Schema that zod writes for our events. */
export interface JsonSchema {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly pattern?: string;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly required?: readonly string[];
}

/** JSON Schema (draft 7) of an event's data. Unknown fields are allowed, as readers ignore them. */
export function dataSchema({ schema }: EventDefinition): JsonSchema {
  const { $schema: _dialect, ...described } = z.toJSONSchema(schema, { target: 'draft-7', io: 'input' });
  return described as JsonSchema;
}

/** One field's type in a few words. */
export function describeType(schema: JsonSchema): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' or ');
  if (schema.anyOf) return schema.anyOf.map(describeType).join(' or ');
  if (schema.type === 'array') return `list of ${describeType(schema.items ?? {})}`;
  if (schema.type === 'object' && schema.properties) return `{ ${Object.keys(schema.properties).join(', ')} }`;
  if (schema.type === 'object')
    return `map to ${describeType(typeof schema.additionalProperties === 'object' ? schema.additionalProperties : {})}`;
  if (schema.format) return schema.format === 'date-time' ? 'time' : schema.format;
  if (schema.pattern === '^[0-9a-f]{64}$') return 'SHA-256';
  return schema.type ?? 'anything';
}
