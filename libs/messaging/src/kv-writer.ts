import { buckets } from '@bascule/contracts';
import { StorageType } from '@nats-io/jetstream';
import type { KV } from '@nats-io/kv';
import type { NatsConnectionHolder } from './connection.js';

const maxBytes = 16 * 1024 * 1024;

/** How long a bucket keeps what is not written again; the others keep everything. */
const keptMs: Readonly<Record<string, number>> = { [buckets.usage]: 25 * 3_600_000, [buckets.rollouts]: 31 * 86_400_000 };

/** Opens a bucket and creates it when it is missing. */
export function openBucket({ kvm }: Pick<NatsConnectionHolder, 'kvm'>, bucket: string): Promise<KV> {
  const ttl = keptMs[bucket];
  return kvm.create(bucket, { history: 1, storage: StorageType.File, max_bytes: maxBytes, ...(ttl === undefined ? {} : { ttl }) });
}

/** Writes live state for other services to watch. */
export class KvWriter {
  private readonly open = new Map<string, Promise<KV>>();

  constructor(private readonly connection: Pick<NatsConnectionHolder, 'kvm'>) {}

  /** Puts a value as JSON; resolves with its revision when it is stored. */
  async put(bucket: string, key: string, value: unknown): Promise<number> {
    return this.withBucket(bucket, (kv) => kv.put(key, JSON.stringify(value)));
  }

  async delete(bucket: string, key: string): Promise<void> {
    await this.withBucket(bucket, (kv) => kv.delete(key));
  }

  private async withBucket<T>(bucket: string, work: (kv: KV) => Promise<T>): Promise<T> {
    const opening = this.open.get(bucket) ?? openBucket(this.connection, bucket);
    this.open.set(bucket, opening);
    try {
      return await work(await opening);
    } catch (error) {
      // the bucket may be gone with a lost server: open it anew next time
      this.open.delete(bucket);
      throw error;
    }
  }
}
