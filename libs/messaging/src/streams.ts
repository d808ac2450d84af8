import { catalogue, isJsonEvent, serviceNames } from '@bascule/contracts';
import { RetentionPolicy } from '@nats-io/jetstream';
import { type StreamLimits, streamLimits } from './settings.js';

export const predictionsStream = 'PREDICTIONS';
export const jobsStream = 'JOBS';
export const deadLetterStream = 'DEAD_LETTER';

export interface StreamDefinition {
  readonly name: string;
  readonly subjects: readonly string[];
  readonly maxBytes: number;
  readonly maxAgeMs: number;
  readonly replicas: number;
  readonly retention: RetentionPolicy;
}

const blockTypes = catalogue.filter((definition) => !isJsonEvent(definition)).map(({ type }) => type);

/** Name of the stream that keeps events of this type. */
export function streamOf(type: string): string {
  if (type.startsWith('jobs.')) return jobsStream;
  return blockTypes.includes(type) ? predictionsStream : type.slice(0, type.indexOf('.')).toUpperCase();
}

/** Streams that keep events: one per service, and the bulk events apart. */
export const eventStreams: readonly string[] = [...serviceNames.map((name) => name.toUpperCase()), predictionsStream];

/** Every stream there is. Subjects are listed one by one, because wildcards of two streams may not overlap. */
export function streamDefinitions(limits: StreamLimits = streamLimits()): StreamDefinition[] {
  const { maxAgeMs, replicas } = limits;
  const retention = RetentionPolicy.Limits;
  const subjectsOf = (stream: string) => catalogue.map(({ type }) => type).filter((type) => streamOf(type) === stream);
  const events = eventStreams.map((name) => ({
    name,
    subjects: subjectsOf(name),
    maxBytes: name === predictionsStream ? limits.predictionsMaxBytes : limits.serviceMaxBytes,
    maxAgeMs,
    replicas,
    retention,
  }));
  return [
    ...events,
    { name: jobsStream, subjects: ['jobs.>'], maxBytes: limits.jobsMaxBytes, maxAgeMs, replicas, retention: RetentionPolicy.Workqueue },
    {
      name: deadLetterStream,
      subjects: ['dead-letter.>'],
      maxBytes: limits.deadLetterMaxBytes,
      maxAgeMs: limits.deadLetterMaxAgeMs,
      replicas,
      retention,
    },
  ];
}
