import type { Readable } from 'node:stream';

/** What `put` did: the name of the object and its size. */
export interface StoredObject {
  readonly digest: string;
  readonly sizeBytes: number;
}

/** Content-addressed bytes: an object is named by its SHA-256 and never changes. Inject it by this class. */
export abstract class ObjectStore {
  /** Stores the bytes durably; the same bytes twice are one object. */
  abstract put(content: Uint8Array | Readable): Promise<StoredObject>;
  /** Reads a whole object and verifies its digest. */
  abstract get(digest: string): Promise<Buffer>;
  /** Reads an object as a stream, which fails at its end when the digest does not fit. */
  abstract stream(digest: string): Promise<Readable>;
  abstract has(digest: string): Promise<boolean>;
  /** Removes an object; one that is not there is no error. */
  abstract delete(digest: string): Promise<void>;
  /** The digests of all objects, in no particular order. */
  abstract list(): AsyncIterable<string>;
  /** The file behind an object, where the store is a local folder. Not verified. */
  path?(digest: string): string | undefined;
}
