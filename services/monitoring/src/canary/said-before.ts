import type { RolloutVerdict } from './judge-rollout.js';

/** What was published of a step last. */
export interface Said {
  readonly reasons: readonly string[];
  readonly at: Date;
}

const leastMs = 30_000;
/** The longer a step waits, the rarer it is told why: some hundreds of times at most. */
const perAge = 100;

/** True when what a step waits for is no longer what was said of it, and that is not only a moment ago. */
export function isWorthSaying(
  said: Said,
  { verdict, reasons }: Pick<RolloutVerdict, 'verdict' | 'reasons'>,
  begunAt: Date,
  now: Date,
): boolean {
  if (verdict !== 'insufficient-data' || JSON.stringify(reasons) === JSON.stringify(said.reasons)) return false;
  return now.getTime() - said.at.getTime() >= Math.max(leastMs, (now.getTime() - begunAt.getTime()) / perAge);
}
