import type { Readable } from 'node:stream';

/** What `put` did: the name of the object and its size. */
export interface StoredObject {
  readonly digest: string;
  readonly sizeBytes: number;
}

/** Is told the name of content before anything is stored under it, and whether the store has it already. */
export type Announce = (digest: string, isThere: boolean) => Promise<void>;

/** Content-addressed bytes: an object is named by its SHA-256 and never changes. Inject it by this class. */
export abstract class ObjectStore {
  /** Stores the bytes durably; the same bytes twice are one object. When `announce` fails nothing is stored. */
  abstract put(content: Uint8Array | Readable, announce?: Announce): Promise<StoredObject>;
  /** Reads a whole object and verifies its digest. */
  abstract get(digest: string): Promise<Buffer>;
  /** Reads an object as a stream, which fails at its end when the digest does not fit. */
  abstract stream(digest: string): Promise<Readable>;
  abstract has(digest: string): Promise<boolean>;
  /** When the object was stored last, by whoever stored the same bytes; undefined when it is not there. */
  abstract storedAt(digest: string): Promise<Date | undefined>;
  /** A text that changes whenever the stored bytes are written to, undefined while there are none: to look at them again only then. */
  abstract mark(digest: string): Promise<string | undefined>;
  /** Removes an object; one that is not there is no error. */
  abstract delete(digest: string): Promise<void>;
  /** The digests of all objects, in no particular order. */
  abstract list(): AsyncIterable<string>;
  /** The file behind an object, where the store is a local folder. Not verified. */
  path?(digest: string): string | undefined;
}
