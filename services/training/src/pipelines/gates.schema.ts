import { z } from 'zod';

/** What a model must reach to be registered: a bound on a metric of the hold-out, or how it does beside the champion. */
const gate = z.union([
  z
    .strictObject({ metric: z.string().min(1).max(100), min: z.number().optional(), max: z.number().optional() })
    .refine(({ min, max }) => min !== undefined || max !== undefined, 'names neither min nor max')
    .refine(({ min = -Infinity, max = Infinity }) => min <= max, { path: ['max'], message: 'is below min: nothing could meet it' }),
  z.strictObject({
    /** Met while there is no champion to compare with. */
    champion: z.enum(['better', 'not-worse']),
  }),
]);
export type Gate = z.infer<typeof gate>;

export const gates = z.array(gate).max(50);
