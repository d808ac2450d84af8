import { buckets } from '@bascule/contracts';
import { apiErrorCode, isStreamFull, NATS, type NatsConnectionHolder } from '@bascule/messaging';
import { CONFIG, Logger } from '@bascule/platform';
import { StorageType } from '@nats-io/jetstream';
import type { KV } from '@nats-io/kv';
import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../config.js';
import { repeatsUnavailable } from '../errors.js';
import { decodeEntry, encodeEntry, type RepeatEntry } from './repeat-entry.js';

/** An entry as read: its revision is needed to replace it. */
export interface StoredEntry {
  readonly entry: RepeatEntry;
  readonly revision: number;
  readonly writtenAtMs: number;
}

const dayMs = 86_400_000;
const wrongLastSequence = [10071, 10164];
// JetStream reserves the size of a bucket at once: on a small disk a smaller one is better than none
const scales = [1, 1 / 4, 1 / 16, 1 / 64];

/** Reads and writes claims and answers; every write says which revision it replaces. */
@Injectable()
export class RepeatsStore {
  private bucket: Promise<KV> | undefined;
  private isReachable = true;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(NATS) private readonly connection: NatsConnectionHolder,
    private readonly log: Logger,
  ) {}

  /**
   * Writes an entry in place of a revision, 0 for none.
   * @returns its revision, or undefined when somebody else wrote first
   */
  async write(key: string, entry: RepeatEntry, revision: number): Promise<number | undefined> {
    return this.asking(async (kv) => {
      try {
        return await kv.put(key, encodeEntry(entry), { previousSeq: revision });
      } catch (error) {
        if (wrongLastSequence.includes(apiErrorCode(error) ?? 0)) return undefined;
        throw error;
      }
    });
  }

  /** The entry under a key; for one that was given up, the revision to write in place of. */
  async read(key: string): Promise<StoredEntry | { entry?: undefined; revision: number }> {
    return this.asking(async (kv) => {
      const found = await kv.get(key);
      if (!found) return { revision: 0 };
      if (found.operation !== 'PUT') return { revision: found.revision };
      return { entry: decodeEntry(found.value), revision: found.revision, writtenAtMs: found.created.getTime() };
    });
  }

  /** Removes the entry if it still has the revision. */
  async remove(key: string, revision: number): Promise<void> {
    await this.asking((kv) => kv.delete(key, { previousSeq: revision }));
  }

  private async asking<T>(ask: (kv: KV) => Promise<T>): Promise<T> {
    try {
      const answer = await this.connection.whileConnected(async () => {
        this.bucket ??= this.open();
        return ask(await this.bucket);
      });
      this.isReachable = true;
      return answer;
    } catch (error) {
      // the bucket may be gone with a lost server: opened anew next time
      this.bucket = undefined;
      if (this.isReachable) this.log.warn({ err: error }, 'answers for repeats are out of reach');
      this.isReachable = false;
      throw isStreamFull(error) ? repeatsUnavailable({}, 'The store of answers for repeats is full.') : repeatsUnavailable();
    }
  }

  private async open(): Promise<KV> {
    for (const scale of scales) {
      try {
        const maxBytes = Math.floor(this.config.REPEATS_MAX_BYTES * scale);
        // read where it was written: a copy may not have heard of a claim yet
        const options = { history: 1, ttl: dayMs, storage: StorageType.File, allow_direct: false };
        const bucket = await this.connection.kvm.create(buckets.repeats, { ...options, max_bytes: maxBytes });
        await this.grow(maxBytes);
        return bucket;
      } catch (error) {
        if (!isStreamFull(error) || scale === scales.at(-1)) throw error;
      }
    }
    throw new Error('no size of the bucket was tried');
  }

  /** Gives a bucket that was made smaller its size. */
  private async grow(maxBytes: number): Promise<void> {
    const { streams } = this.connection.jsm;
    const { config } = await streams.info(`KV_${buckets.repeats}`);
    if (config.max_bytes < maxBytes) await streams.update(config.name, { ...config, max_bytes: maxBytes });
  }
}
