import { parse } from 'yaml';
import { z } from 'zod';
import { condition } from '../validation/condition.js';

const columns = z.array(z.string()).min(1).max(50);

/** The `implementation` of a `custom` quality rule of the engine `bascule`: exactly one of these. */
export const customRule = z.union([
  /** What must hold between the fields of each record. */
  z.strictObject({ condition }),
  /** Columns whose values settle that of another: the same hospital has the same telephone number. */
  z.strictObject({ determines: z.strictObject({ columns, column: z.string() }) }),
  /** Texts that are nearly the same as those of a record before (MinHash over their characters). */
  z.strictObject({
    nearDuplicates: z.strictObject({
      columns,
      similarity: z.number().min(0.5).max(1).default(0.85),
      /** What becomes of them; `quarantine`, or only counted where the rule has bounds or is a warning. */
      policy: z.enum(['quarantine', 'keepFirst', 'keepLast', 'keepAll']).optional(),
    }),
  }),
  /** Hours between the newest record and the arrival of the batch. */
  z.strictObject({ freshness: z.strictObject({ maxAgeHours: z.number().positive() }) }),
  /** Records that come before the one they follow. */
  z.strictObject({ order: z.strictObject({ column: z.string(), direction: z.enum(['ascending', 'descending']).default('ascending') }) }),
  /** A larger share of missing values than in the history of the dataset. */
  z.strictObject({ completenessDrop: z.strictObject({ columns: columns.optional(), points: z.number().min(0).max(100).default(2) }) }),
  /** Another distribution of values than in the history of the dataset. */
  z.strictObject({
    shift: z.strictObject({
      columns: columns.optional(),
      atLeast: z.number().min(0).max(10).default(0.1),
      /** Tag of the dataset version to hold batches against, in place of the last batches. */
      reference: z.string().min(1).max(100).optional(),
    }),
  }),
  /** Another number of records than batches of the dataset usually have. */
  z.strictObject({ rowCountChange: z.strictObject({ maxPercent: z.number().positive() }) }),
  /** Labels of one sender that are unlike everybody else's, or more than their share. */
  z.strictObject({
    labelFlood: z.strictObject({ maxRowsPerDay: z.int().positive().optional(), points: z.number().min(0).max(100).default(20) }),
  }),
]);
export type CustomRule = z.infer<typeof customRule>;

const kinds = customRule.options.map((option) => Object.keys(option.shape)[0]);

/** Reads an implementation, given as an object or as its text in JSON or YAML. @throws Error naming the rule and what is wrong */
export function customRuleOf(implementation: unknown, where: string): CustomRule {
  let value = implementation;
  try {
    if (typeof implementation === 'string') value = parse(implementation, { maxAliasCount: 10 });
  } catch (error) {
    throw new Error(`${where}: ${(error as Error).message}`);
  }
  const kind = customRule.options.find((option) => typeof value === 'object' && value !== null && Object.keys(option.shape)[0]! in value);
  const parsed = (kind ?? customRule).safeParse(value);
  if (parsed.success) return parsed.data as CustomRule;
  const fault = kind ? z.prettifyError(parsed.error) : `the implementation of a rule of this engine is one of ${kinds.join(', ')}`;
  throw new Error(`${where}: ${fault}`);
}
