import { hash } from 'node:crypto';

/**
 * The prediction id of one row of a call that carries an `Idempotency-Key`: the same claim, version and row always give
 * the same id. Whoever runs the call again after a crash captures the row under the id it had, and readers drop the
 * second; another version gives another id, since its answer is another prediction.
 * @param seed UUIDv7 fixed by the claim before the first run
 */
export function repeatablePredictionId(seed: string, version: number, row: number): string {
  return derivedId(seed, `${version}/${row}`);
}

/** The same for many rows of one call, which have all but their number in common. */
export function repeatablePredictionIds(seed: string, version: number): (row: number) => string {
  const common = `${seed}/${version}/`;
  const time = seed.slice(0, 14);
  return (row) => idFrom(time, common + row);
}

/** A UUIDv7 that follows from another one and a text: the time of the other in front, a hash where the random bits are. */
export function derivedId(seed: string, text: string): string {
  return idFrom(seed.slice(0, 14), `${seed}/${text}`);
}

function idFrom(time: string, text: string): string {
  const digits = hash('sha256', text, 'hex');
  const variant = '89ab'[Number.parseInt(digits[3] as string, 16) & 3] as string;
  return `${time}7${digits.slice(0, 3)}-${variant}${digits.slice(4, 7)}-${digits.slice(7, 19)}`;
}
