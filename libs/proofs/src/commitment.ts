import { hash, randomBytes } from 'node:crypto';
import { canonicalJson } from './canonical-json.js';
import { leafHash } from './merkle-hash.js';

const saltSizeBytes = 32;

/** A fresh salt. Whoever erases payload and salt leaves a commitment that says nothing. */
export function newSalt(): Buffer {
  return randomBytes(saltSizeBytes);
}

/**
 * Salted commitment to a payload: SHA-256(salt ‖ canonical JSON).
 * @throws when the salt is not 32 bytes long: the border between salt and text must be beyond doubt
 */
export function commitTo(payload: unknown, salt: Uint8Array): Buffer {
  if (salt.length !== saltSizeBytes) throw new RangeError('a salt is 32 bytes long');
  return hash('sha256', Buffer.concat([salt, Buffer.from(canonicalJson(payload))]), 'buffer');
}

/** Salt of one row of a block, SHA-256(salt ‖ "row" ‖ position): telling one row's salt tells nothing about its neighbours. */
export function rowSalt(blockSalt: Uint8Array, row: number): Buffer {
  const position = Buffer.alloc(7, 'row');
  position.writeUInt32BE(row, 3);
  return hash('sha256', Buffer.concat([blockSalt, position]), 'buffer');
}

/** Leaf of one row in the tree of its block. */
export function rowLeaf(payload: unknown, salt: Uint8Array): Buffer {
  return leafHash(commitTo(payload, salt));
}
