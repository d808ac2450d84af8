import { createHash } from 'node:crypto';

/** Size of every hash in the tree. */
export const hashSizeBytes = 32;

/** Root of a tree without leaves: SHA-256 of nothing (RFC 6962). */
export const emptyRoot: Buffer = createHash('sha256').digest();

const leafPrefix = Buffer.from([0]);
const nodePrefix = Buffer.from([1]);

/** Hash of one leaf: SHA-256(0x00 ‖ data). */
export function leafHash(data: Uint8Array): Buffer {
  return createHash('sha256').update(leafPrefix).update(data).digest();
}

/** Hash of an inner node: SHA-256(0x01 ‖ left ‖ right). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  return createHash('sha256').update(nodePrefix).update(left).update(right).digest();
}

/** True when both are the same hash of the right size. */
export function isSameHash(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === hashSizeBytes && Buffer.compare(a, b) === 0;
}
