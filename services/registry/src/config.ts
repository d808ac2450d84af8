import { environment } from '@bascule/contracts';
import { platformConfigSchema } from '@bascule/platform';
import { storageConfig } from '@bascule/storage';
import { z } from 'zod';
import { networksOf } from './webhooks/allowed-address.js';

/** Settings of the registry. */
export const configSchema = platformConfigSchema.extend({
  /** Connects as role `registry`. */
  DATABASE_URL: z.url(),
  ...storageConfig,
  /** Largest model file that is taken in pieces. */
  ARTIFACT_MAX_BYTES: z.coerce
    .number()
    .int()
    .min(1)
    .default(1024 ** 3),
  /** Holds the private key that signs versions; made when it is missing. All registries share it; nobody else reads it. */
  MODEL_SIGNING_KEY_FILE: z.string().min(1).optional(),
  /** Holds the public keys (PEM) that are trusted to say what models were made from; administrators add others. None when absent. */
  PROVENANCE_KEYS_FILE: z.string().min(1).optional(),
  /** A model that takes longer to load and to answer its sample rows is refused. */
  PROBE_TIMEOUT_MS: z.coerce.number().int().min(100).default(30_000),
  /** A model that takes more memory while it is tried is refused. */
  PROBE_MEMORY_MB: z.coerce.number().int().min(64).default(2_048),
  /** So many models are tried at once. */
  PROBE_PARALLEL: z.coerce.number().int().min(1).default(2),
  /** Hosts that webhooks may go to, separated by commas; `*.example.org` stands for all below, `*` for any of the public internet. */
  WEBHOOK_HOSTS: z
    .string()
    .default('*')
    .transform((text) => text.split(',').map((name) => name.trim().toLowerCase())),
  /** Addresses of the own network that webhooks may go to as well, separated by commas: `127.0.0.1`, `10.1.0.0/16`; none else. */
  WEBHOOK_NETWORKS: z
    .string()
    .default('')
    .transform((text, context) => {
      const names = text.split(',').map((name) => name.trim());
      try {
        return networksOf(names.filter((name) => name !== ''));
      } catch (error) {
        context.addIssue({ code: 'custom', message: (error as Error).message });
        return z.NEVER;
      }
    }),
  /** Holds the keys that the secrets of webhooks are encrypted with; made when it is missing. All registries share it; nobody else reads it. */
  WEBHOOK_KEY_FILE: z.string().min(1).optional(),
  /** Waits before a webhook is tried again, in milliseconds, separated by commas; after the last one it is given up. */
  WEBHOOK_RETRY_DELAYS_MS: z
    .string()
    .default('5000,30000,120000,600000,3600000,10800000,28800000,57600000,86400000')
    .transform((text) => text.split(',').map(Number))
    .pipe(z.array(z.int().min(0)).min(1)),
  /** Messages to webhooks that were delivered are forgotten after so many days. */
  WEBHOOK_KEEP_DAYS: z.coerce.number().int().min(1).default(30),
  /** Where versions may be promoted to, separated by commas. */
  ENVIRONMENTS: z
    .string()
    .default('production,staging')
    .transform((text) => text.split(',').map((name) => name.trim()))
    .pipe(z.array(environment).min(1)),
});
export type Config = z.infer<typeof configSchema>;

/** Largest model file that can be uploaded at once. */
export const maxArtifactBytes = 128 * 1024 * 1024;

/** Pieces of model files reach their controller as a stream. */
export function isStreamed(method: string, path: string): boolean {
  return method === 'PATCH' && path.startsWith('/v1/artifact-uploads/');
}
