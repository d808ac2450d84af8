import { createHash } from 'node:crypto';

const digestPattern = /^[0-9a-f]{64}$/;

/** SHA-256 of the bytes as 64 lower-case hex digits: the name of an object. */
export function sha256Hex(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** True for 64 lower-case hex digits; anything else must never become part of a path. */
export function isDigest(text: string): boolean {
  return digestPattern.test(text);
}
