import type { KV, KvEntry } from '@nats-io/kv';
import type { NatsConnectionHolder } from './connection.js';
import { openBucket } from './kv-writer.js';
import type { StallGuard } from './stall-guard.js';

/** The newest entry of every key. */
export interface Listing {
  readonly kv: KV;
  readonly entries: readonly KvEntry[];
  /** Everything up to this revision is in the listing. */
  readonly revision: number;
}

type Connection = Pick<NatsConnectionHolder, 'kvm' | 'jsm'>;

/** Lists a bucket, also one that others write to all the time. @throws when the listing breaks off: an absent key would count as deleted */
export async function listBucket(connection: Connection, bucket: string, guard: StallGuard): Promise<Listing> {
  const kv = await openBucket(connection, bucket);
  guard.progress();
  const { messages, last_seq: revision } = (await kv.status()).streamInfo.state;
  if (messages === 0) return { kv, entries: [], revision };
  const listing = await kv.history();
  guard.whenStalled.catch(() => listing.stop());
  try {
    const { entries, isWhole } = await readUntil<KvEntry>(listing, revision, () => guard.progress());
    if (isWhole) return { kv, entries, revision };
    const listed = new Set(entries.map(({ key }) => key));
    for (const key of await listKeys(connection, bucket)) {
      const entry = listed.has(key) ? undefined : await kv.get(key);
      if (entry) entries.push(entry);
      guard.progress();
    }
    return { kv, entries, revision };
  } finally {
    listing.stop();
  }
}

/** The keys of a bucket in one request, those of deleted entries included: a listing of the client may have no end while others write. */
export async function listKeys({ jsm }: Pick<NatsConnectionHolder, 'jsm'>, bucket: string): Promise<string[]> {
  const prefix = `$KV.${bucket}.`;
  const { state } = await jsm.streams.info(`KV_${bucket}`, { subjects_filter: `${prefix}>` });
  return Object.keys(state.subjects ?? {}).map((subject) => subject.slice(prefix.length));
}

/**
 * Reads what there was. The server says with each entry how many are left; where others write before the last of them is sent it now
 * and then counts wrong, says so of every entry from then on, and the listing would go on for as long as somebody writes.
 * @param entries in the order of their revisions
 * @returns `isWhole` is false when a key that is not among the entries may still be there, with a later revision
 */
export async function readUntil<Entry extends Pick<KvEntry, 'revision' | 'delta'>>(
  entries: AsyncIterable<Entry>,
  lastRevision: number,
  onEntry: () => void,
): Promise<{ entries: Entry[]; isWhole: boolean }> {
  const read: Entry[] = [];
  for await (const entry of entries) {
    onEntry();
    read.push(entry);
    if (entry.delta === 0) return { entries: read, isWhole: true };
    if (entry.revision >= lastRevision) return { entries: read, isWhole: false };
  }
  throw new Error('the listing of the bucket ended early');
}
