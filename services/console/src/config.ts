import { platformConfigSchema } from '@bascule/platform';
import { z } from 'zod';

export const configSchema = platformConfigSchema.extend({
  INGESTION_URL: z.url(),
  TRAINING_URL: z.url(),
  REGISTRY_URL: z.url(),
  SERVING_URL: z.url(),
  MONITORING_URL: z.url(),
  GOVERNANCE_URL: z.url(),
  /** JSON lines of the example's steps, when an example is playing. */
  EXAMPLE_REPORT: z.string().optional(),
});
export type Config = z.infer<typeof configSchema>;
