import { hash } from 'node:crypto';

/** One version's share of the requests. */
export interface Share {
  readonly version: number;
  readonly percent: number;
}

const buckets = 10_000;

/** Where a routing key falls on a scale of 10,000; the same key and salt always fall on the same place. */
export function bucketOf(routingKey: string, salt: string): number {
  const digest = hash('sha256', `${salt}\0${routingKey}`, 'buffer');
  // 48 bits: the remainder favours no bucket by more than one part in 10^10
  return digest.readUIntBE(0, 6) % buckets;
}

/**
 * Chooses the version that answers: exact to 0.01 % over uniform keys. The rollout is the salt, so that each rollout
 * draws another sample, and a key that has seen the challenger keeps seeing it while its share grows.
 * @returns undefined when no version has a share
 */
export function chooseVersion(shares: readonly Share[], routingKey: string, salt: string): number | undefined {
  const [only] = shares;
  if (only && shares.length === 1 && only.percent > 0) return only.version;
  const taking = shares.filter((share) => share.percent > 0);
  if (taking.length <= 1) return taking[0]?.version;
  // newest first: the challenger owns the low buckets, so a growing share only adds keys
  const ordered = [...taking].sort((a, b) => b.version - a.version);
  const total = ordered.reduce((sum, share) => sum + share.percent, 0);
  const place = (bucketOf(routingKey, salt) / buckets) * total;
  let upper = 0;
  for (const share of ordered) {
    upper += share.percent;
    if (place < upper) return share.version;
  }
  return ordered.at(-1)?.version;
}
