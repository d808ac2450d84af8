import { z } from 'zod';

/** Settings of the outbox and the inbox. */
export const outboxSettingsSchema = z.object({
  /** Sent events are kept so long and sent again after a reconnect: longer than the `sync_interval` of nats-server (2 minutes). */
  NATS_RESEND_WINDOW_MS: z.coerce.number().int().min(0).default(150_000),
  /** Longer than streams keep messages, or an old message could be handled twice. */
  BASCULE_INBOX_KEEP_DAYS: z.coerce.number().int().min(1).default(10),
});

export interface OutboxOptions {
  readonly resendWindowMs: number;
  readonly inboxKeepDays: number;
}
/** Injection token of `OutboxOptions`. */
export const OUTBOX_OPTIONS = Symbol('OUTBOX_OPTIONS');

/** Options as the environment asks for them; `overrides` win. */
export function outboxOptions(overrides: Partial<OutboxOptions> = {}, environment: NodeJS.ProcessEnv = process.env): OutboxOptions {
  const settings = outboxSettingsSchema.parse(environment);
  return { resendWindowMs: settings.NATS_RESEND_WINDOW_MS, inboxKeepDays: settings.BASCULE_INBOX_KEEP_DAYS, ...overrides };
}
