import type { Readable } from 'node:stream';
import { ObjectStore, type StoredObject } from '@bascule/storage';
import type { UnusedObjects } from './unused-objects.queries.js';

/** The object store, of which is on record what was stored by this service and is not in use yet. */
export class RecordedStore extends ObjectStore {
  override readonly path?: (digest: string) => string | undefined;

  constructor(
    private readonly store: ObjectStore,
    private readonly unused: UnusedObjects,
  ) {
    super();
    if (store.path) this.path = (digest) => store.path?.(digest);
  }

  put(content: Uint8Array | Readable): Promise<StoredObject> {
    // on record before it is there: what a process leaves behind that is killed in between is found
    return this.store.put(content, (digest, isThere) => this.unused.note(digest, isThere));
  }

  get(digest: string): Promise<Buffer> {
    return this.store.get(digest);
  }

  stream(digest: string): Promise<Readable> {
    return this.store.stream(digest);
  }

  has(digest: string): Promise<boolean> {
    return this.store.has(digest);
  }

  storedAt(digest: string): Promise<Date | undefined> {
    return this.store.storedAt(digest);
  }

  mark(digest: string): Promise<string | undefined> {
    return this.store.mark(digest);
  }

  delete(digest: string): Promise<void> {
    return this.store.delete(digest);
  }

  list(): AsyncIterable<string> {
    return this.store.list();
  }
}
