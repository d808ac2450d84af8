import { environment } from '@bascule/contracts';
import { platformConfigSchema } from '@bascule/platform';
import { storageConfig } from '@bascule/storage';
import { z } from 'zod';

/** Settings of the registry. */
export const configSchema = platformConfigSchema.extend({
  /** Connects as role `registry`. */
  DATABASE_URL: z.url(),
  ...storageConfig,
  /** Where versions may be promoted to, separated by commas. */
  ENVIRONMENTS: z
    .string()
    .default('production,staging')
    .transform((text) => text.split(',').map((name) => name.trim()))
    .pipe(z.array(environment).min(1)),
});
export type Config = z.infer<typeof configSchema>;

/** Largest model file that can be uploaded. */
export const maxArtifactBytes = 128 * 1024 * 1024;
