import { hash } from 'node:crypto';

/**
 * The prediction id of one row of a call that carries an `Idempotency-Key`: the same claim, version and row always give
 * the same id. Whoever runs the call again after a crash captures the row under the id it had, and readers drop the
 * second; another version gives another id, since its answer is another prediction.
 * @param seed UUIDv7 fixed by the claim before the first run
 */
export function repeatablePredictionId(seed: string, version: number, row: number): string {
  const digits = hash('sha256', `${seed}/${version}/${row}`, 'hex');
  // the time of the claim in front as in any UUIDv7, the hash where the random bits are
  const variant = '89ab'[Number.parseInt(digits[3] as string, 16) & 3] as string;
  return `${seed.slice(0, 14)}7${digits.slice(0, 3)}-${variant}${digits.slice(4, 7)}-${digits.slice(7, 19)}`;
}
