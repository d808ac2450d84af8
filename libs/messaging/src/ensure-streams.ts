import { DiscardPolicy, type JetStreamManager, StorageType, type StreamInfo, type StreamUpdateConfig } from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import { apiErrorCode } from './broker-errors.js';
import { type StreamLimits, streamLimits } from './settings.js';
import { type StreamDefinition, streamDefinitions } from './streams.js';

const streamNotFound = 10059;
const nameInUse = 10058;
const noStorageLeft = [10047, 10028, 10122, 10023];
const duplicateWindowMs = 5 * 60_000;
/** Shares of the wanted sizes that are tried, one after the other, until all streams fit on the disk. */
const scales = [1, 1 / 2, 1 / 4, 1 / 8, 1 / 16, 1 / 32, 1 / 64];

export interface EnsureStreamsOptions {
  readonly limits?: Partial<StreamLimits>;
  /** Told when the streams had to be made smaller than asked for. */
  readonly onReduced?: (scale: number) => void;
}

/** Creates missing streams and adds missing subjects. Safe to call from every service at once, and again at any time. */
export async function ensureStreams(jsm: JetStreamManager, options: EnsureStreamsOptions = {}): Promise<void> {
  const definitions = streamDefinitions(streamLimits(options.limits));
  for (const scale of scales) {
    try {
      // JetStream reserves max_bytes at once: on a small disk smaller streams are better than none
      for (const definition of definitions)
        await ensureStream(jsm, { ...definition, maxBytes: Math.floor(definition.maxBytes * scale) }, scale);
      if (scale < 1) options.onReduced?.(scale);
      else await growTogether(jsm, definitions);
      return;
    } catch (error) {
      if (!isNoStorage(error) || scale === scales.at(-1)) throw error;
    }
  }
}

async function ensureStream(jsm: JetStreamManager, definition: StreamDefinition, scale: number): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      const existing = await findStream(jsm, definition.name);
      if (existing) await updateStream(jsm, existing, definition, scale);
      else await createStream(jsm, definition);
      return;
    } catch (error) {
      // another service was faster
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

function limitsOf({ maxAgeMs, maxBytes, replicas }: StreamDefinition): Partial<StreamUpdateConfig> {
  return {
    max_bytes: maxBytes,
    max_age: nanos(maxAgeMs),
    duplicate_window: nanos(Math.min(duplicateWindowMs, maxAgeMs)),
    discard: DiscardPolicy.New,
    num_replicas: replicas,
  };
}

async function createStream(jsm: JetStreamManager, definition: StreamDefinition): Promise<void> {
  const { name, retention, subjects } = definition;
  await jsm.streams.add({ ...limitsOf(definition), name, retention, subjects: [...subjects], storage: StorageType.File });
}

async function updateStream(
  jsm: JetStreamManager,
  { config, state }: StreamInfo,
  definition: StreamDefinition,
  scale: number,
): Promise<void> {
  // a replica of the previous release must not take away the subjects of the next
  const subjects = [...new Set([...config.subjects, ...definition.subjects])];
  const wanted = { ...limitsOf(definition), max_bytes: sizeOf(config.max_bytes, state.bytes, definition.maxBytes, scale) };
  const limitsDiffer = Object.entries(wanted).some(([key, value]) => config[key as keyof StreamUpdateConfig] !== value);
  if (subjects.length === config.subjects.length && !limitsDiffer) return;
  await jsm.streams.update(definition.name, { ...config, ...wanted, subjects });
}

/** Gives streams that are smaller than wanted their size, if there is room for all of them. */
async function growTogether(jsm: JetStreamManager, definitions: readonly StreamDefinition[]): Promise<void> {
  const grown: StreamInfo[] = [];
  try {
    for (const { name, maxBytes } of definitions) {
      const info = await jsm.streams.info(name);
      if (info.config.max_bytes >= maxBytes) continue;
      await jsm.streams.update(name, { ...info.config, max_bytes: maxBytes });
      grown.push(info);
    }
  } catch (error) {
    if (!isNoStorage(error)) throw error;
    // the first to grow must not take the room that key-value buckets need
    for (const { config } of grown) await jsm.streams.update(config.name, config);
  }
}

function sizeOf(currentBytes: number, usedBytes: number, wantedBytes: number, scale: number): number {
  // when making room for others, never below what is stored
  const smallest = scale === 1 ? wantedBytes : Math.max(wantedBytes, usedBytes);
  return Math.min(currentBytes, smallest);
}

function isNoStorage(error: unknown): boolean {
  return noStorageLeft.includes(apiErrorCode(error) ?? 0);
}
