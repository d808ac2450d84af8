import { createPublicKey } from 'node:crypto';
import { digest, instant } from '@bascule/contracts';
import { pageSchema } from '@bascule/platform';
import { z } from 'zod';
import type { ProvenanceKeyEntity } from './provenance-key.entity.js';

const reason = z.string().trim().min(3).max(1000);
/** True for the PEM text of a public key; that of a private one has no business here. */
const isPublicKey = (pem: string): boolean => {
  try {
    return /^-----BEGIN PUBLIC KEY-----\s/.test(pem.trim()) && createPublicKey(pem).asymmetricKeyType !== undefined;
  } catch {
    return false;
  }
};

export const trustKey = z
  .strictObject({ publicKey: z.string().max(10_000).refine(isPublicKey, 'a public key in PEM is wanted'), reason })
  .meta({ id: 'TrustProvenanceKey' });
export type TrustKey = z.infer<typeof trustKey>;
export const revokeKey = z.strictObject({ reason }).meta({ id: 'RevokeProvenanceKey' });
export type RevokeKey = z.infer<typeof revokeKey>;

export const provenanceKeySchema = z
  .object({
    keyId: digest,
    publicKey: z.string(),
    status: z.enum(['trusted', 'revoked']),
    createdAt: instant,
    revokedAt: instant.nullable(),
    changedBy: z.string(),
    reason: z.string(),
  })
  .meta({ id: 'ProvenanceKey' });
export type ProvenanceKeyView = z.infer<typeof provenanceKeySchema>;
export const provenanceKeyPage = pageSchema(provenanceKeySchema).meta({ id: 'ProvenanceKeyPage' });

export function provenanceKeyView({
  keyId,
  publicKey,
  createdAt,
  revokedAt,
  changedBy,
  reason: why,
}: ProvenanceKeyEntity): ProvenanceKeyView {
  const times = { createdAt: createdAt.toISOString(), revokedAt: revokedAt?.toISOString() ?? null };
  return { keyId, publicKey, status: revokedAt ? 'revoked' : 'trusted', ...times, changedBy, reason: why };
}
