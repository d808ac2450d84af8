import { z } from 'zod';
import { tagName, tagValue } from '../runs/runs.schema.js';

const note = z.string().trim().max(10_000);

/** Body of PATCH: a tag of `null` is taken away; what is not named stays. */
export const runChange = z
  .strictObject({
    tags: z.record(tagName, z.union([tagValue, z.null()])).optional(),
    note: z.union([note, z.null()]).optional(),
  })
  .meta({ id: 'RunChange' });
export type RunChange = z.infer<typeof runChange>;

/** Two to twenty runs, parted by commas. */
export const comparedRuns = z.strictObject({
  ids: z
    .string()
    .transform((text) => [...new Set(text.split(',').filter(Boolean))])
    .pipe(z.array(z.uuid()).min(2).max(20)),
});
export type ComparedRuns = z.infer<typeof comparedRuns>;

export const artifactName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, 'letters, digits, dot, underscore and dash');
