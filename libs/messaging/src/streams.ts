import { catalogue, isJsonEvent, serviceNames } from '@bascule/contracts';
import {
  DiscardPolicy,
  type JetStreamManager,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
  type StreamInfo,
  type StreamUpdateConfig,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import { apiErrorCode } from './broker-errors.js';
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

const streamNotFound = 10059;
const nameInUse = 10058;
const noStorageLeft = [10047, 10028, 10122];
const smallestMaxBytes = 4 * 1024 * 1024;
const duplicateWindowMs = 5 * 60_000;

export interface EnsureStreamsOptions {
  readonly limits?: Partial<StreamLimits>;
  /** Told when a stream had to be made smaller than asked for. */
  readonly onReduced?: (stream: string, askedBytes: number, gotBytes: number) => void;
}

/** Creates missing streams and adds missing subjects. Safe to call from every service at once, and again at any time. */
export async function ensureStreams(jsm: JetStreamManager, options: EnsureStreamsOptions = {}): Promise<void> {
  for (const definition of streamDefinitions(streamLimits(options.limits))) await ensureStream(jsm, definition, options);
}

async function ensureStream(jsm: JetStreamManager, definition: StreamDefinition, options: EnsureStreamsOptions): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const existing = await findStream(jsm, definition.name);
    try {
      if (existing) await updateStream(jsm, existing, definition);
      else await createStream(jsm, definition, options);
      return;
    } catch (error) {
      if (attempt >= 5 || ![nameInUse, streamNotFound].includes(apiErrorCode(error) ?? 0)) throw error;
    }
  }
}

async function findStream(jsm: JetStreamManager, name: string): Promise<StreamInfo | undefined> {
  try {
    return await jsm.streams.info(name);
  } catch (error) {
    if (apiErrorCode(error) === streamNotFound) return undefined;
    throw error;
  }
}

function limitsOf(definition: StreamDefinition): Partial<StreamUpdateConfig> {
  return {
    max_bytes: definition.maxBytes,
    max_age: nanos(definition.maxAgeMs),
    duplicate_window: nanos(Math.min(duplicateWindowMs, definition.maxAgeMs)),
    discard: DiscardPolicy.New,
    num_replicas: definition.replicas,
  };
}

async function createStream(jsm: JetStreamManager, definition: StreamDefinition, { onReduced }: EnsureStreamsOptions): Promise<void> {
  const { name, retention, subjects } = definition;
  // JetStream reserves max_bytes at once: on a small disk a smaller stream is better than none
  for (let maxBytes = definition.maxBytes; ; maxBytes = Math.floor(maxBytes / 2)) {
    const config: Partial<StreamConfig> & { name: string } = {
      ...limitsOf({ ...definition, maxBytes }),
      name,
      subjects: [...subjects],
      retention,
      storage: StorageType.File,
    };
    try {
      await jsm.streams.add(config);
      if (maxBytes < definition.maxBytes) onReduced?.(name, definition.maxBytes, maxBytes);
      return;
    } catch (error) {
      if (!noStorageLeft.includes(apiErrorCode(error) ?? 0) || maxBytes / 2 < smallestMaxBytes) throw error;
    }
  }
}

async function updateStream(jsm: JetStreamManager, { config }: StreamInfo, definition: StreamDefinition): Promise<void> {
  // a replica of the previous release must not take away the subjects of the next
  const subjects = [...new Set([...config.subjects, ...definition.subjects])];
  const wanted = limitsOf(definition);
  const isReduced = config.max_bytes < definition.maxBytes;
  const limitsDiffer = Object.entries(wanted).some(([key, value]) => config[key as keyof StreamUpdateConfig] !== value);
  if (subjects.length === config.subjects.length && !limitsDiffer) return;
  try {
    await jsm.streams.update(definition.name, { ...config, ...wanted, subjects });
  } catch (error) {
    if (!isReduced || !noStorageLeft.includes(apiErrorCode(error) ?? 0)) throw error;
    if (subjects.length > config.subjects.length) await jsm.streams.update(definition.name, { ...config, subjects });
  }
}
