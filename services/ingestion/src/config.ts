import { platformConfigSchema } from '@bascule/platform';
import { storageConfig } from '@bascule/storage';
import { z } from 'zod';

export const configSchema = platformConfigSchema.extend({
  DATABASE_URL: z.url(),
  ...storageConfig,
  /** Largest content of a batch, as it is sent. */
  UPLOAD_LIMIT_BYTES: z.coerce
    .number()
    .int()
    .min(1)
    .default(64 * 1024 ** 3),
  /** So long an upload that is not complete can be resumed. */
  UPLOAD_EXPIRES_HOURS: z.coerce.number().min(0.01).default(168),
  /** How often labelled production rows that wait are looked at. */
  FEEDBACK_INTERVAL_MS: z.coerce.number().int().min(50).default(1000),
});
export type Config = z.infer<typeof configSchema>;
