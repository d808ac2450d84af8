import { platformConfigSchema } from '@bascule/platform';
import { storageConfig } from '@bascule/storage';
import { z } from 'zod';

/** Settings of the registry. */
export const configSchema = platformConfigSchema.extend({
  /** Connects as role `registry`. */
  DATABASE_URL: z.url(),
  ...storageConfig,
});
export type Config = z.infer<typeof configSchema>;

/** Largest model file that can be uploaded. */
export const maxArtifactBytes = 128 * 1024 * 1024;
