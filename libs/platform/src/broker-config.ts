import { z } from 'zod';

const megabyte = 1024 * 1024;
const bytes = (megabytes: number) =>
  z.coerce
    .number()
    .int()
    .min(megabyte)
    .default(megabytes * megabyte);
const days = (count: number) => z.coerce.number().positive().default(count);

/** Settings of the streams; small disks lower them, busy installations raise them. Every service makes what is missing. */
export const streamConfig = {
  /** Limit of each service's own stream. */
  BASCULE_STREAM_MAX_BYTES: bytes(256),
  BASCULE_PREDICTIONS_MAX_BYTES: bytes(1024),
  BASCULE_JOBS_MAX_BYTES: bytes(64),
  BASCULE_DEAD_LETTER_MAX_BYTES: bytes(128),
  BASCULE_STREAM_MAX_AGE_DAYS: days(7),
  BASCULE_DEAD_LETTER_MAX_AGE_DAYS: days(30),
  /** Copies of each stream in a NATS cluster. */
  BASCULE_STREAM_REPLICAS: z.coerce.number().int().min(1).max(5).default(1),
};

/** Settings of events on their way out, and of the memory of those handled. */
export const deliveryConfig = {
  /** What was sent is kept so long and sent again after a reconnect: longer than the `sync_interval` of nats-server (2 minutes). */
  NATS_RESEND_WINDOW_MS: z.coerce.number().int().min(0).default(150_000),
  /** Raised to more than streams keep messages where it is less, or an old message could be handled twice. */
  BASCULE_INBOX_KEEP_DAYS: z.coerce.number().int().min(1).default(10),
};

/** How patient the readers of events are. */
export const readerConfig = {
  /** A reader that was killed gives its message back after so long; a running handler asks for more time by itself. */
  BASCULE_ACK_WAIT_MS: z.coerce.number().int().min(1_000).default(10_000),
  /** Pauses between tries of a handler that failed, comma-separated; without it they grow by the kind of the error. */
  BASCULE_RETRY_DELAYS_MS: z
    .string()
    .regex(/^\d+(,\d+)*$/, 'whole milliseconds, comma-separated, for example 500,2000,10000')
    .transform((text) => text.split(',').map(Number))
    .optional(),
};
