/** What the bucket holds under an `Idempotency-Key`: a claim, a claim for anybody to take over, or the answer. */
export interface RepeatEntry {
  readonly state: 'claimed' | 'open' | 'answered';
  /** SHA-256 of the request: the same key with another request is refused. */
  readonly fingerprint: string;
  /** UUIDv7 that the prediction ids follow from. */
  readonly seed: string;
  /** When the first call was received, in milliseconds since 1970, UTC. */
  readonly claimedAtMs: number;
  /** Who works on it: new for each attempt, so that a lost acknowledgement is recognised. */
  readonly owner: string;
  /** The encoded answer; empty for a claim. */
  readonly answer: Uint8Array;
}

const newline = 10;

/** One line of JSON, then the bytes of the answer. */
export function encodeEntry({ answer, ...head }: RepeatEntry): Uint8Array {
  return Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), answer]);
}

/** @throws when the bytes are no entry */
export function decodeEntry(bytes: Uint8Array): RepeatEntry {
  const end = bytes.indexOf(newline);
  const head = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, end).toString()) as Omit<RepeatEntry, 'answer'>;
  return { ...head, answer: bytes.subarray(end + 1) };
}
