import { z } from 'zod';
import { repairSettings } from '../repairs/repairs.schema.js';
import { guardSettings } from '../validation/guard-settings.js';
import type { OdcsContract, Property } from './odcs.schema.js';

const scalar = z.union([z.string(), z.number(), z.boolean()]);

/** What Bascule reads from the `customProperties` of a contract. */
export const contractSettings = z.object({
  maxQuarantinedPercent: z.number().min(0).max(100).default(20),
  publishAfterRows: z.int().min(1).max(1_000_000).default(1000),
  publishAfterSeconds: z.number().min(0).default(20),
  missingValues: z.array(z.string()).default([]),
  unknownColumns: z.enum(['ignore', 'reject']).default('ignore'),
  /** Columns, or several groups of columns, whose values together may occur once. */
  uniqueTogether: z.union([z.array(z.string()), z.array(z.array(z.string()))]).default([]),
  /** What becomes of a record that repeats another under a uniqueness rule. */
  duplicates: z.enum(['keepFirst', 'keepLast', 'keepAll', 'quarantine']).default('keepFirst'),
  /** Repairs of every column that holds text or is read from it; those of a column come on top. */
  repairs: repairSettings.pick({ trim: true, spaces: true, nfc: true }).prefault({}),
  /** What is done about content that looks meant to do harm. */
  guards: guardSettings.prefault({}),
});
export type ContractSettings = z.infer<typeof contractSettings>;

/** What Bascule reads from the `customProperties` of a column. */
export const columnSettings = z.object({
  role: z.enum(['feature', 'label', 'id', 'time', 'other']).default('other'),
  missingValues: z.array(z.string()).default([]),
  /** Text as sent to the value stored; text that is not listed is not allowed. */
  mapValues: z.record(z.string(), scalar).optional(),
  repairs: repairSettings.optional(),
});
export type ColumnSettings = z.infer<typeof columnSettings>;

function asObject(list: { property: string; value: unknown }[] | undefined): Record<string, unknown> {
  return Object.fromEntries((list ?? []).map(({ property, value }) => [property, value]));
}

/** Reads the settings of a contract; those of its schema object count as well. @throws ZodError */
export function settingsOf(contract: OdcsContract): ContractSettings {
  return contractSettings.parse({ ...asObject(contract.schema[0]?.customProperties), ...asObject(contract.customProperties) });
}

/** Reads the settings of a column. @throws ZodError */
export function columnSettingsOf(property: Property): ColumnSettings {
  return columnSettings.parse(asObject(property.customProperties));
}
