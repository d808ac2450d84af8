import { platformConfigSchema } from '@bascule/platform';
import { storageConfig } from '@bascule/storage';
import { z } from 'zod';

/** Settings of monitoring. */
export const configSchema = platformConfigSchema.extend({
  ...storageConfig,
  DATABASE_URL: z.string().min(1),
  /** How often the replica that evaluates looks for new counts, labels and windows that ended. */
  EVALUATE_EVERY_MS: z.coerce.number().int().min(20).default(400),
  /** How long a block of predictions may be late before it is taken for missing, and a gateway silent before its end is. */
  CAPTURE_GAP_AFTER_MS: z.coerce.number().int().min(100).default(60_000),
  /** Days after which predictions, and the labels and decisions about them, are dropped. */
  PREDICTION_KEEP_DAYS: z.coerce.number().int().min(1).default(400),
});
export type Config = z.infer<typeof configSchema>;
