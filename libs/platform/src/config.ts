import { z } from 'zod';
import { deliveryConfig, readerConfig, streamConfig } from './broker-config.js';
import { newId } from './ids.js';
import { jwtConfig } from './jwt-config.js';

/** Injection token of the settings a service was started with. */
export const CONFIG = Symbol('CONFIG');
/** Injection token of the service's name. */
export const SERVICE_NAME = Symbol('SERVICE_NAME');

const port = z.coerce.number().int().min(0).max(65535);

/** Settings every service has; services extend this schema in their `config.ts`. */
export const platformConfigSchema = z.object({
  /** 0 takes any free port. */
  PORT: port.default(0),
  ADMIN_PORT: port.default(0),
  HOST: z.string().min(1).default('127.0.0.1'),
  NATS_URL: z.string().min(1),
  ...streamConfig,
  ...readerConfig,
  ...deliveryConfig,
  ...jwtConfig,
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  INSTANCE_ID: z.uuid().default(newId),
  OTEL_TRACES_EXPORTER: z.enum(['none', 'otlp', 'console']).default('none'),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional(),
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1).default(1),
});
export type PlatformConfig = z.infer<typeof platformConfigSchema>;

/** A bad environment: the message lists every fault at once. */
export class ConfigError extends Error {
  constructor(readonly faults: readonly string[]) {
    super(`the environment is not usable:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
    this.name = 'ConfigError';
  }
}

/** Reads the environment once; an empty value counts as not set. */
export function readConfig<Schema extends z.ZodType>(schema: Schema, env: Record<string, string | undefined>): z.infer<Schema> {
  const present = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = schema.safeParse(present);
  if (parsed.success) return parsed.data;
  // the value itself is left out: it may be a secret
  throw new ConfigError(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`));
}
