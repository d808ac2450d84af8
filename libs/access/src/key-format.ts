import { createHash, randomBytes } from 'node:crypto';

/** A key as its holder gets it, once: `token` is what goes into the Authorization header. */
export interface NewKey {
  readonly keyId: string;
  readonly secret: string;
  readonly token: string;
}

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
const tokenPattern = /^bsc_[a-z2-7]{12}_[A-Za-z0-9_-]{43}$/;

/** Makes a key: 60 random bits name it, 256 random bits prove it. */
export function newKey(): NewKey {
  const keyId = [...randomBytes(12)].map((byte) => alphabet[byte & 31]).join('');
  const secret = randomBytes(32).toString('base64url');
  return { keyId, secret, token: `bsc_${keyId}_${secret}` };
}

/** What is stored of a secret. The secret has 256 random bits, so a slow hash would add nothing but load. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** The same as bytes. */
export function digestOfSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

/** Splits a token; undefined when it is not a key of ours. */
export function parseToken(token: string): { keyId: string; secret: string } | undefined {
  return tokenPattern.test(token) ? { keyId: token.slice(4, 16), secret: token.slice(17) } : undefined;
}
