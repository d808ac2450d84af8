import { createHash } from 'node:crypto';

/**
 * The id of a submission that carries an `Idempotency-Key`: the same key, credential, model and content give the same id,
 * so that readers drop the repeat also where a gateway died before it could note that it was taken.
 */
export function submissionIdOf(facts: { kind: string; keyId: string; modelName: string; idempotencyKey: string; items: unknown }): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([facts.kind, facts.keyId, facts.modelName, facts.idempotencyKey, facts.items]))
    .digest();
  // UUID version 8: made from a hash of our own
  hash[6] = ((hash[6] as number) & 0x0f) | 0x80;
  hash[8] = ((hash[8] as number) & 0x3f) | 0x80;
  const hex = hash.toString('hex', 0, 16);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
