import { hash } from 'node:crypto';

/** Size of every hash in the tree. */
export const hashSizeBytes = 32;

/** Root of a tree without leaves: SHA-256 of nothing (RFC 6962). */
export const emptyRoot: Buffer = hash('sha256', '', 'buffer');

const leafPrefix = Buffer.from([0]);
const nodePrefix = Buffer.from([1]);

/** Hash of one leaf: SHA-256(0x00 ‖ data). */
export function leafHash(data: Uint8Array): Buffer {
  return hash('sha256', Buffer.concat([leafPrefix, data]), 'buffer');
}

/** Hash of an inner node: SHA-256(0x01 ‖ left ‖ right). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  return hash('sha256', Buffer.concat([nodePrefix, left, right]), 'buffer');
}

/** True when both are the same hash of the right size. */
export function isSameHash(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === hashSizeBytes && Buffer.compare(a, b) === 0;
}
