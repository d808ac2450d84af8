import { z } from 'zod';

const scalar = z.union([z.string(), z.number(), z.boolean()]);

/** How numbers are written, where they are not plain decimals. */
export const amountFormat = z.strictObject({
  decimal: z.enum(['.', ',']).default('.'),
  /** What may stand between groups of three digits. */
  groups: z.array(z.enum([',', '.', ' ', "'", '_', '\u00a0', '\u202f'])).default([]),
  /** What may stand before or behind: `€`, `USD`. Its value is not converted. */
  currency: z.array(z.string().trim().min(1).max(10)).max(50).default([]),
  /** `number`: 12 % is 12; `fraction`: 12 % is 0.12. Without it a percent sign is no number. */
  percent: z.enum(['number', 'fraction']).optional(),
  /** Unit to how many of the column's own unit it is; several may follow one another, largest first (5 ft 7 in). */
  units: z.record(z.string().trim().min(1).max(20), z.number().positive()).default({}),
});
export type AmountFormat = z.infer<typeof amountFormat>;

/** What may be done to a text before it is checked. Nothing is done that is not declared. */
export const repairSettings = z.strictObject({
  /** Spaces at both ends. */
  trim: z.boolean().optional(),
  /** Runs of spaces become one. */
  spaces: z.boolean().optional(),
  /** Unicode normal form C. */
  nfc: z.boolean().optional(),
  /** Text as sent to the text or value that is meant; other texts stay as they are. */
  replace: z.record(z.string(), scalar).optional(),
  amount: amountFormat.optional(),
  /** For example `DD/MM/YYYY` or `D MMM YYYY HH:mm`. A text that two of them read as two times is ambiguous, and refused. */
  dateFormats: z.array(z.string().min(4).max(40)).min(1).max(20).optional(),
});
export type RepairSettings = z.infer<typeof repairSettings>;

/** What was done to a text, or what it was taken for. */
export const repairKinds = [
  'trim',
  'spaces',
  'nfc',
  'null_token',
  'replace',
  'separator',
  'decimal',
  'currency',
  'percent',
  'unit',
  'date_format',
] as const;
export type RepairKind = (typeof repairKinds)[number];
