import { platformConfigSchema } from '@bascule/platform';
import { storageConfig } from '@bascule/storage';
import { z } from 'zod';

/** Settings of training. */
export const configSchema = platformConfigSchema.extend({
  ...storageConfig,
  DATABASE_URL: z.url(),
  /** An attempt that takes longer is stopped and counts as failed. */
  RUN_TIMEOUT_MS: z.coerce.number().int().min(10).default(600_000),
  /** A replica that has not been heard of for so long has lost its run. */
  RUN_LEASE_MS: z.coerce.number().int().min(1000).default(10_000),
  /** How often a replica looks for a run to take. */
  RUN_POLL_MS: z.coerce.number().int().min(20).default(100),
  /** Heap of the trainer process. */
  RUN_HEAP_MB: z.coerce.number().int().min(64).default(512),
  /** YAML or JSON, name to program: trainers that pipelines may name beside the built-in ones. */
  TRAINERS_FILE: z.string().min(1).optional(),
  /** Where attempts have their folders; each is removed when its attempt ends. A folder of the system's by default. */
  WORK_ROOT: z.string().min(1).optional(),
  /** Key that signs what models were made from; made when it is not there. In the object store's folder by default. */
  PROVENANCE_KEY_FILE: z.string().min(1).optional(),
  /** Runs that may wait or run in the whole service before machines have to wait with new ones. */
  MAX_ACTIVE_RUNS: z.coerce.number().int().min(1).default(200),
  /** How often a replica looks for pipelines whose time has come. */
  SCHEDULE_POLL_MS: z.coerce.number().int().min(20).default(1000),
});
export type Config = z.infer<typeof configSchema>;
