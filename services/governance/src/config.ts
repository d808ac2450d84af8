import { platformConfigSchema } from '@bascule/platform';
import { z } from 'zod';

/** Settings of governance. */
export const configSchema = platformConfigSchema.extend({
  DATABASE_URL: z.string().min(1),
  /** JSON file of role to key: the first keys of an installation. */
  BOOTSTRAP_KEYS_FILE: z.string().min(1).optional(),
  /** Ed25519 key that signs checkpoints; made with mode 0600 when missing. Replicas share it. */
  SIGNING_KEY_FILE: z.string().min(1),
  /** How often a log that grew is signed. */
  CHECKPOINT_INTERVAL_MS: z.coerce.number().int().min(100).default(2000),
  /** How often keys and the freeze switch are compared with what the other services see. */
  PROJECTION_INTERVAL_MS: z.coerce.number().int().min(100).default(5000),
});
export type Config = z.infer<typeof configSchema>;
