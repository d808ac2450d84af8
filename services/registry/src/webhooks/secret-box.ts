import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

// `v1.<key>.<nonce>.<text and tag>`, the last two in base64url: AES-256-GCM, a nonce of 96 random bits, a tag of 128
const version = 'v1';
const nonceBytes = 12;
const tagBytes = 16;

export interface BoxKey {
  /** Names the key without telling it. */
  readonly id: string;
  readonly bytes: Buffer;
}

/** @param bytes 32 random bytes */
export function boxKey(bytes: Buffer): BoxKey {
  if (bytes.length !== 32) throw new Error('a key of AES-256 has 32 bytes');
  return { id: createHash('sha256').update(bytes).digest('hex').slice(0, 12), bytes };
}

/** Encrypts a text for one place: what was sealed for one is not opened for another. */
export function seal(text: string, { id, bytes }: BoxKey, place: string): string {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', bytes, nonce, { authTagLength: tagBytes }).setAAD(Buffer.from(place));
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return [version, id, nonce.toString('base64url'), sealed.toString('base64url')].join('.');
}

/** The text that was sealed. @throws when none of the keys sealed it, or not for this place, or it was changed since */
export function openSealed(sealed: string, keys: readonly BoxKey[], place: string): string {
  const [format, id, nonce = '', rest = ''] = sealed.split('.');
  const key = keys.find((known) => known.id === id);
  if (format !== version || !key) throw new Error(`no key ${id} opens it`);
  const bytes = Buffer.from(rest, 'base64url');
  if (bytes.length < tagBytes) throw new Error('it was cut off');
  const decipher = createDecipheriv('aes-256-gcm', key.bytes, Buffer.from(nonce, 'base64url'), { authTagLength: tagBytes });
  decipher.setAAD(Buffer.from(place)).setAuthTag(bytes.subarray(-tagBytes));
  return Buffer.concat([decipher.update(bytes.subarray(0, -tagBytes)), decipher.final()]).toString('utf8');
}

/** Which key sealed it. */
export function keyIdOf(sealed: string): string | undefined {
  return sealed.split('.')[1];
}
