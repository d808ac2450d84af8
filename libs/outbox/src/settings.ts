import { deliveryConfig, streamConfig } from '@bascule/platform';
import { z } from 'zod';

// the leader asks every second; longer than a batch whose every ack is late
const leaderSilenceMs = 60_000;

const outboxSettings = z.object({ ...deliveryConfig, BASCULE_STREAM_MAX_AGE_DAYS: streamConfig.BASCULE_STREAM_MAX_AGE_DAYS });

/** The settings of a service that concern its outbox and inbox. */
export type OutboxSettings = z.input<typeof outboxSettings>;

export interface OutboxOptions {
  readonly resendWindowMs: number;
  readonly inboxKeepDays: number;
  /** A leader that PostgreSQL has not heard of for so long loses its place. */
  readonly leaderSilenceMs: number;
}
/** Injection token of `OutboxOptions`. */
export const OUTBOX_OPTIONS = Symbol('OUTBOX_OPTIONS');

/** Options as the settings ask for them; `overrides` win. */
export function outboxOptions(overrides: Partial<OutboxOptions> = {}, settings: OutboxSettings = {}): OutboxOptions {
  const wanted = outboxSettings.parse(settings);
  // an id forgotten while its message is still in the stream would be handled twice
  const inboxKeepDays = Math.max(wanted.BASCULE_INBOX_KEEP_DAYS, Math.ceil(wanted.BASCULE_STREAM_MAX_AGE_DAYS) + 1);
  return { resendWindowMs: wanted.NATS_RESEND_WINDOW_MS, inboxKeepDays, leaderSilenceMs, ...overrides };
}
