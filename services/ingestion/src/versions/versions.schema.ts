import { askedInstant, digest, entityName, instant, pastInstant } from '@bascule/contracts';
import { z } from 'zod';
import { sharesText } from './split.js';

export const tagName = z.string().regex(/^[a-z][a-z0-9._-]{0,62}$/, 'a tag: lower-case letters, digits, dots, dashes and underscores');

export const tagBody = z.strictObject({ version: digest }).meta({ id: 'DatasetTagBody' });
export type TagBody = z.infer<typeof tagBody>;
export const tagView = z
  .object({ datasetName: entityName, tag: z.string(), version: digest, taggedBy: z.string(), taggedAt: instant })
  .meta({ id: 'DatasetTag' });
export const tagList = z.object({ items: z.array(tagView), nextCursor: z.string().nullable() });

export const differenceQuery = z.strictObject({ from: digest });
const change = z.object({ before: z.number(), after: z.number() });
export const differenceView = z
  .object({
    datasetName: entityName,
    fromVersion: digest,
    toVersion: digest,
    rows: z.object({ before: z.int(), after: z.int(), added: z.int(), removed: z.int(), isExact: z.boolean() }),
    columns: z.object({
      added: z.array(z.string()),
      removed: z.array(z.string()),
      changed: z.array(z.object({ name: z.string(), before: z.string(), after: z.string() })),
    }),
    statistics: z.array(
      z.object({
        name: z.string(),
        missingShare: change,
        mean: change.optional(),
        median: change.optional(),
        psi: z.number().optional(),
        newCategories: z.array(z.string()).optional(),
        goneCategories: z.array(z.string()).optional(),
      }),
    ),
  })
  .meta({ id: 'DatasetDifference' });

export const atQuery = z.strictObject({ time: pastInstant });

export const rowsQuery = z.strictObject({
  format: z.enum(['csv', 'ndjson', 'parquet']).default('ndjson'),
  from: askedInstant.optional(),
  before: askedInstant.optional(),
  /** Name of the share to read, of those in `shares`. */
  split: z.string().optional(),
  shares: sharesText.default([
    ['train', 80],
    ['test', 20],
  ]),
  by: z.enum(['hash', 'time']).default('hash'),
  seed: z.string().max(100).default(''),
});
export type RowsQuery = z.infer<typeof rowsQuery>;

export const partProofView = z
  .object({ contentRoot: digest, digest, rowCount: z.int(), index: z.int(), size: z.int(), proof: z.array(digest), isStored: z.boolean() })
  .meta({ id: 'DatasetPartProof' });
