import { z } from 'zod';

/** What a data contract allows of the values of a column; what is missing is within. */
export const columnLimits = z.object({
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  exclusiveMaximum: z.number().optional(),
  /** Texts; absent where the contract has no list, or one too long to be handed on. */
  allowed: z.array(z.string().max(100)).min(1).max(100).optional(),
});
export type ColumnLimits = z.infer<typeof columnLimits>;

/** Why a value is not what the contract allows; undefined where it is, and for what is missing or no number. */
export function limitFault(limits: ColumnLimits, value: unknown): string | undefined {
  if (value === null || value === undefined || value === '') return undefined;
  if (limits.allowed) return limits.allowed.includes(String(value)) ? undefined : 'is not among the values that the contract allows';
  const number = typeof value === 'number' ? value : typeof value === 'string' ? Number(value) : Number.NaN;
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = limits;
  if (minimum !== undefined && number < minimum) return `is below ${minimum}, the least that the contract allows`;
  if (exclusiveMinimum !== undefined && number <= exclusiveMinimum) return `is not above ${exclusiveMinimum}, as the contract wants it`;
  if (maximum !== undefined && number > maximum) return `is above ${maximum}, the most that the contract allows`;
  if (exclusiveMaximum !== undefined && number >= exclusiveMaximum) return `is not below ${exclusiveMaximum}, as the contract wants it`;
  return undefined;
}
