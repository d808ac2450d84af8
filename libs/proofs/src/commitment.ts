import { createHmac, randomBytes } from 'node:crypto';
import { canonicalJson } from './canonical-json.js';
import { leafHash } from './merkle-hash.js';

/** A fresh salt. Whoever erases payload and salt leaves a commitment that says nothing. */
export function newSalt(): Buffer {
  return randomBytes(32);
}

/** Salted commitment to a payload: HMAC-SHA-256(salt, canonical JSON). */
export function commitTo(payload: unknown, salt: Uint8Array): Buffer {
  return createHmac('sha256', salt).update(canonicalJson(payload)).digest();
}

/** Salt of one row of a block: telling one row's salt tells nothing about its neighbours. */
export function rowSalt(blockSalt: Uint8Array, row: number): Buffer {
  return createHmac('sha256', blockSalt).update(`row ${row}`).digest();
}

/** Leaf of one row in the tree of its block. */
export function rowLeaf(payload: unknown, salt: Uint8Array): Buffer {
  return leafHash(commitTo(payload, salt));
}
