import { environment } from '@bascule/contracts';
import { platformConfigSchema } from '@bascule/platform';
import { storageConfig } from '@bascule/storage';
import { z } from 'zod';
import { batchConfig } from './batch-jobs/batch-config.js';
import { executionProviders, withLastResort } from './runtime/execution-providers.js';

const role = z.enum(['control', 'gateway']);

const providersSetting = z
  .string()
  .default('cpu')
  .transform((text) => text.split(',').map((name) => name.trim().toLowerCase()))
  .pipe(z.array(z.enum(executionProviders)).min(1))
  .transform(withLastResort);

const rolesSetting = z
  .string()
  .default('control,gateway')
  .transform((text) => text.split(',').map((part) => part.trim()))
  .pipe(z.array(role).min(1));

/** Settings of serving; a gateway alone needs no database. */
export const configSchema = platformConfigSchema
  .extend({
    ...storageConfig,
    ...batchConfig,
    SERVING_ROLES: rolesSetting,
    /** Needed by the role control only. */
    DATABASE_URL: z.string().min(1).optional(),
    /** Gateway processes that share the ports; more than one needs a core each. */
    SERVING_PROCESSES: z.coerce.number().int().min(1).max(256).default(1),
    GRPC_PORT: z.coerce.number().int().min(0).max(65535).default(0),
    /** Routing entries of this environment are served. */
    SERVING_ENVIRONMENT: environment.default('production'),
    /** Folder of the local write-ahead files of captured predictions. */
    SPILL_DIR: z.string().min(1).default('.bascule/spill'),
    SPILL_MAX_BYTES: z.coerce.number().int().min(1_000_000).default(512_000_000),
    /** Key that receipts are signed with, made when it is missing; default `receipt.key` in SPILL_DIR. Gateways share it. */
    RECEIPT_KEY_FILE: z.string().min(1).optional(),
    /** A run that takes longer is killed with its process and answered 504. */
    MODEL_DEADLINE_MS: z.coerce.number().int().min(10).default(5_000),
    /** How long a request may take in all, waiting included; its own `timeout` can only shorten that. */
    REQUEST_DEADLINE_MS: z.coerce.number().int().min(10).default(15_000),
    /** Where models are computed, the best first, for example `cuda,cpu`. */
    EXECUTION_PROVIDERS: providersSetting,
    /** `auto`: models with a proven bound also run in the gateway's own process; `off`: none does. */
    INLINE_MODELS: z.enum(['auto', 'off']).default('auto'),
    /** Model versions beyond this number share processes. */
    MODEL_PROCESSES: z.coerce.number().int().min(1).default(16),
    /** A process of models that takes more memory is killed. */
    MODEL_PROCESS_MAX_BYTES: z.coerce.number().int().min(100_000_000).default(4_000_000_000),
    MODEL_MAX_BYTES: z.coerce.number().int().min(1).default(512_000_000),
    /** When answers take longer on average, no more is taken in than can be answered in this time. */
    ANSWER_TARGET_MS: z.coerce.number().int().min(1).default(500),
    /** Inferences in hand, and the bytes of their bodies, before more are turned away unread. */
    IN_FLIGHT_MAX_REQUESTS: z.coerce.number().int().min(1).default(4_096),
    IN_FLIGHT_MAX_BYTES: z.coerce.number().int().min(1_000).default(512_000_000),
    /** Rows waiting per model version before requests are turned away. */
    QUEUE_MAX_ROWS: z.coerce.number().int().min(1).default(8_192),
    /** Bytes of inputs waiting per model version before requests are turned away. */
    QUEUE_MAX_BYTES: z.coerce.number().int().min(1).default(128_000_000),
    MICRO_BATCH_ROWS: z.coerce.number().int().min(1).default(32),
    /** Requests are put together up to this many bytes of inputs. */
    MICRO_BATCH_BYTES: z.coerce.number().int().min(1).default(4_000_000),
    /** How often a gateway tells how many requests it answered and failed: what it counted since then is lost when it is killed. */
    AVAILABILITY_EVERY_MS: z.coerce.number().int().min(100).default(15_000),
    /** How long after SIGTERM open connections may still bring requests. */
    DRAIN_MS: z.coerce.number().int().min(0).default(500),
    /** Room for the answers of a day that carry an `Idempotency-Key`, in the KV bucket that all gateways share. */
    REPEATS_MAX_BYTES: z.coerce.number().int().min(1_000_000).default(256_000_000),
    /** A gateway that is silent for so long has lost its claim to answer a call with an `Idempotency-Key`. */
    REPEATS_LEASE_MS: z.coerce.number().int().min(100).default(5_000),
    /** Largest request body, as sent and unpacked. */
    BODY_MAX_BYTES: z.coerce.number().int().min(1_000).default(16_000_000),
    /** Largest JSON in a request body, unpacked: as text, numbers take many times the memory of raw tensors. */
    JSON_BODY_MAX_BYTES: z.coerce.number().int().min(1_000).default(4_000_000),
    /** Answers from this size on are packed for clients that accept gzip. */
    GZIP_MIN_BYTES: z.coerce.number().int().min(1).default(16_384),
  })
  .refine((config) => !config.SERVING_ROLES.includes('control') || config.DATABASE_URL !== undefined, {
    path: ['DATABASE_URL'],
    message: 'the role control keeps its tables in PostgreSQL: set DATABASE_URL, or SERVING_ROLES=gateway',
  });
export type Config = z.infer<typeof configSchema>;
