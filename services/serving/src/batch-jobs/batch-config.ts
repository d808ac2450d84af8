import { z } from 'zod';

const whole = (least: number, most: number, usual: number) => z.coerce.number().int().min(least).max(most).default(usual);

/** Settings of batch jobs. */
export const batchConfig = {
  /** Largest input, packed or unpacked. */
  BATCH_MAX_BYTES: whole(1_000, 1_000_000_000_000, 4_000_000_000),
  BATCH_MAX_ROWS: whole(1, 1_000_000_000, 50_000_000),
  /** Rows that a gateway takes at once. */
  BATCH_PIECE_ROWS: whole(1, 100_000, 5_000),
  /** Pieces of one job in the queue: it bounds the queue, and jobs that run side by side take turns by it. */
  BATCH_PIECES_QUEUED: whole(1, 1_000, 32),
  /** Pieces that a gateway works on at the same time, so that one is read and stored while the other is computed; 0: leaves them to others. */
  BATCH_PIECES_AT_ONCE: whole(0, 16, 2),
  /** Jobs of one key that have not ended. */
  BATCH_JOBS_PER_KEY: whole(1, 10_000, 8),
  /** How long results are kept. */
  BATCH_RESULT_DAYS: z.coerce.number().positive().default(7),
  /** After so long without a sign, another replica of control goes on with what one was cutting or putting together. */
  BATCH_LEASE_MS: whole(500, 600_000, 15_000),
};
