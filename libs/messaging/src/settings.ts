import { z } from 'zod';

const megabyte = 1024 * 1024;
const bytes = (megabytes: number) =>
  z.coerce
    .number()
    .int()
    .min(megabyte)
    .default(megabytes * megabyte);
const days = (count: number) => z.coerce.number().positive().default(count);

/** Settings of the streams; small disks lower them, busy installations raise them. */
export const messagingSettingsSchema = z.object({
  /** Limit of each service's own stream. */
  BASCULE_STREAM_MAX_BYTES: bytes(256),
  BASCULE_PREDICTIONS_MAX_BYTES: bytes(1024),
  BASCULE_JOBS_MAX_BYTES: bytes(64),
  BASCULE_DEAD_LETTER_MAX_BYTES: bytes(128),
  BASCULE_STREAM_MAX_AGE_DAYS: days(7),
  BASCULE_DEAD_LETTER_MAX_AGE_DAYS: days(30),
  /** Copies of each stream in a NATS cluster. */
  BASCULE_STREAM_REPLICAS: z.coerce.number().int().min(1).max(5).default(1),
});
export type MessagingSettings = z.infer<typeof messagingSettingsSchema>;

/** How much the streams may keep, and for how long. */
export interface StreamLimits {
  readonly serviceMaxBytes: number;
  readonly predictionsMaxBytes: number;
  readonly jobsMaxBytes: number;
  readonly deadLetterMaxBytes: number;
  readonly maxAgeMs: number;
  readonly deadLetterMaxAgeMs: number;
  readonly replicas: number;
}

const dayMs = 86_400_000;

/** Limits as the environment asks for them; `overrides` win. */
export function streamLimits(overrides: Partial<StreamLimits> = {}, environment: NodeJS.ProcessEnv = process.env): StreamLimits {
  const settings = messagingSettingsSchema.parse(environment);
  return {
    serviceMaxBytes: settings.BASCULE_STREAM_MAX_BYTES,
    predictionsMaxBytes: settings.BASCULE_PREDICTIONS_MAX_BYTES,
    jobsMaxBytes: settings.BASCULE_JOBS_MAX_BYTES,
    deadLetterMaxBytes: settings.BASCULE_DEAD_LETTER_MAX_BYTES,
    maxAgeMs: settings.BASCULE_STREAM_MAX_AGE_DAYS * dayMs,
    deadLetterMaxAgeMs: settings.BASCULE_DEAD_LETTER_MAX_AGE_DAYS * dayMs,
    replicas: settings.BASCULE_STREAM_REPLICAS,
    ...overrides,
  };
}
