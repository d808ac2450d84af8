import { timingSafeEqual } from 'node:crypto';
import type { AccessEntry } from '@bascule/contracts';
import type { Credential } from './credential.js';
import { keyRevoked, keyUnknown } from './errors.js';
import { digestOfSecret, parseToken } from './key-format.js';

interface KnownKey {
  readonly entry: AccessEntry;
  readonly digest: Buffer;
  readonly credential: Credential;
  /** The secret, once it was shown: comparing it again costs a tenth of hashing it. */
  secret: Buffer | undefined;
}

const secretLength = 43;

/** The keys of the installation in memory. What one check costs does not depend on how many there are. */
export class KnownKeys {
  private readonly keys = new Map<string, KnownKey>();
  private readonly shown = Buffer.alloc(secretLength);

  get size(): number {
    return this.keys.size;
  }

  /** Takes a new or changed entry; undefined takes the key away. */
  put(keyId: string, entry: AccessEntry | undefined): void {
    if (!entry) {
      this.keys.delete(keyId);
      return;
    }
    const { identity, roles, models, datasets, limits } = entry;
    const credential: Credential = { keyId: entry.keyId, identity, roles, models, datasets, ...(limits && { limits }) };
    this.keys.set(keyId, { entry, digest: Buffer.from(entry.secretHash, 'hex'), credential, secret: undefined });
  }

  /** Whose key it is. @throws access.key_unknown, access.key_revoked */
  authenticate(token: string): Credential {
    const parts = parseToken(token);
    const known = parts && this.keys.get(parts.keyId);
    if (!parts || !known || !this.isSecretOf(known, parts.secret)) throw keyUnknown();
    if (known.entry.revokedAt !== null) throw keyRevoked({ keyId: known.entry.keyId });
    return known.credential;
  }

  private isSecretOf(known: KnownKey, secret: string): boolean {
    // parseToken let only letters, digits, _ and - pass: one byte each
    this.shown.write(secret, 0, secretLength, 'latin1');
    if (known.secret) return timingSafeEqual(this.shown, known.secret);
    if (!timingSafeEqual(digestOfSecret(secret), known.digest)) return false;
    known.secret = Buffer.from(this.shown);
    return true;
  }
}
