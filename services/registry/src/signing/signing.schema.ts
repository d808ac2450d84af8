import { digest, instant } from '@bascule/contracts';
import { pageSchema } from '@bascule/platform';
import { z } from 'zod';
import type { SigningKeyEntity } from './signing-key.entity.js';

export const keyReason = z.strictObject({ reason: z.string().trim().min(3).max(1000) }).meta({ id: 'SigningKeyReason' });
export type KeyReason = z.infer<typeof keyReason>;

/** A key that signs models, as the API shows it; nobody is shown the private half. */
export const signingKeySchema = z
  .object({
    keyId: digest,
    publicKey: z.string(),
    status: z.enum(['active', 'retired', 'revoked']),
    createdAt: instant,
    retiredAt: instant.nullable(),
    revokedAt: instant.nullable(),
    changedBy: z.string(),
    reason: z.string(),
  })
  .meta({ id: 'SigningKey' });
export type SigningKeyView = z.infer<typeof signingKeySchema>;
export const signingKeyPage = pageSchema(signingKeySchema).meta({ id: 'SigningKeyPage' });

export const signatureSchema = z
  .object({
    /** Whether the signature is good now; `faults` says why not. */
    isGood: z.boolean(),
    faults: z.array(z.string()),
    /** Digest of the bundle in the object store. */
    signatureDigest: digest.nullable(),
    keyId: digest.nullable(),
    /** The sigstore bundle of OpenSSF Model Signing: save it as `model.sig`. */
    bundle: z.record(z.string(), z.unknown()).nullable(),
  })
  .meta({ id: 'VersionSignature' });
export type SignatureView = z.infer<typeof signatureSchema>;

export function signingKeyView(key: SigningKeyEntity): SigningKeyView {
  return {
    keyId: key.keyId,
    publicKey: key.publicKey,
    status: key.revokedAt ? 'revoked' : key.retiredAt ? 'retired' : 'active',
    createdAt: key.createdAt.toISOString(),
    retiredAt: key.retiredAt?.toISOString() ?? null,
    revokedAt: key.revokedAt?.toISOString() ?? null,
    changedBy: key.changedBy,
    reason: key.reason,
  };
}
