import { streamConfig } from '@bascule/platform';
import { z } from 'zod';

const streamSettings = z.object(streamConfig);

/** The settings of a service that concern streams. */
export type StreamSettings = z.input<typeof streamSettings>;

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

/** Injection token of the service's `StreamLimits`. */
export const STREAM_LIMITS = Symbol('STREAM_LIMITS');

const dayMs = 86_400_000;

/** Limits as the settings ask for them; `overrides` win. */
export function streamLimits(overrides: Partial<StreamLimits> = {}, settings: StreamSettings = {}): StreamLimits {
  const wanted = streamSettings.parse(settings);
  return {
    serviceMaxBytes: wanted.BASCULE_STREAM_MAX_BYTES,
    predictionsMaxBytes: wanted.BASCULE_PREDICTIONS_MAX_BYTES,
    jobsMaxBytes: wanted.BASCULE_JOBS_MAX_BYTES,
    deadLetterMaxBytes: wanted.BASCULE_DEAD_LETTER_MAX_BYTES,
    maxAgeMs: wanted.BASCULE_STREAM_MAX_AGE_DAYS * dayMs,
    deadLetterMaxAgeMs: wanted.BASCULE_DEAD_LETTER_MAX_AGE_DAYS * dayMs,
    replicas: wanted.BASCULE_STREAM_REPLICAS,
    ...overrides,
  };
}
