import { platformConfigSchema } from '@bascule/platform';
import { storageConfig } from '@bascule/storage';
import { z } from 'zod';

/** A setting that is a JSON object of names to values. */
const named = <T>(value: z.ZodType<T>) =>
  z
    .string()
    .default('{}')
    .transform((json, check): unknown => {
      try {
        return JSON.parse(json);
      } catch {
        check.addIssue({ code: 'custom', message: 'not JSON' });
        return z.NEVER;
      }
    })
    .pipe(z.record(z.string(), value));

export const configSchema = platformConfigSchema.extend({
  DATABASE_URL: z.url(),
  ...storageConfig,
  /** Largest content of a batch, as it is sent. */
  UPLOAD_LIMIT_BYTES: z.coerce
    .number()
    .int()
    .min(1)
    .default(64 * 1024 ** 3),
  /** Batches of several datasets that are validated side by side, each with a connection to the database; those of one dataset follow one another. */
  VALIDATIONS_AT_ONCE: z.coerce.number().int().min(1).max(4).default(3),
  /** How many of them may be large: each may take the memory of one more. */
  LARGE_VALIDATIONS_AT_ONCE: z.coerce.number().int().min(1).default(1),
  /** A batch with more bytes, as it was sent, is a large one. */
  LARGE_BATCH_BYTES: z.coerce
    .number()
    .int()
    .min(0)
    .default(4 * 1024 ** 2),
  /** So long an upload that is not complete can be resumed. */
  UPLOAD_EXPIRES_HOURS: z.coerce.number().min(0.01).default(168),
  /** Databases that sources may pull from: a JSON object of names to URLs. */
  SOURCE_CONNECTIONS: named(z.url({ protocol: /^postgres(ql)?$/ })),
  /** Folders that sources may pull from: a JSON object of names to paths. */
  SOURCE_FOLDERS: named(z.string().min(1)),
  /** Buckets of S3 that sources may pull from: a JSON object of names to bucket, region, endpoint (where it is not Amazon's) and keys. */
  SOURCE_BUCKETS: named(
    z.object({
      bucket: z.string().min(1),
      region: z.string().default('us-east-1'),
      endpoint: z.url({ protocol: /^https?$/ }).optional(),
      /** Without keys those of the environment, or of the machine, are taken. */
      accessKeyId: z.string().optional(),
      secretAccessKey: z.string().optional(),
    }),
  ),
  /** A server that takes OpenLineage events at /api/v1/lineage, such as Marquez; without it they are told on request only. */
  OPENLINEAGE_URL: z.url({ protocol: /^https?$/ }).optional(),
  /** Sent to it as a bearer token. */
  OPENLINEAGE_API_KEY: z.string().optional(),
  /** How often is looked whether a source is due. */
  SOURCES_INTERVAL_MS: z.coerce.number().int().min(50).default(1000),
  /** So long parts with erased records stay, so that runs that read them can end. */
  ERASED_PARTS_HOURS: z.coerce.number().min(0).default(24),
  /** How often is looked whether such parts are due. */
  ERASURES_INTERVAL_MS: z.coerce.number().int().min(50).default(60_000),
  /** So long an object stays that was stored and that nothing has taken into use. */
  UNUSED_OBJECTS_HOURS: z.coerce.number().min(0).default(24),
  /** How often is looked whether such objects are due. */
  UNUSED_OBJECTS_INTERVAL_MS: z.coerce.number().int().min(50).default(600_000),
  /** How often is looked whether a version has no profile yet. */
  PROFILES_INTERVAL_MS: z.coerce.number().int().min(50).default(2000),
  /** How often labelled production rows that wait are looked at. */
  FEEDBACK_INTERVAL_MS: z.coerce.number().int().min(50).default(1000),
});
export type Config = z.infer<typeof configSchema>;
