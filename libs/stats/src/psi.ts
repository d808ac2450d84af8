import { sumOf } from './histogram.js';

/** Proportions below the floor count as the floor, so that an empty bin costs a finite amount. */
export const defaultPsiFloor = 1e-4;

/**
 * Population stability index, natural logarithm, proportions floored (not renormalised).
 * 0 when either side is empty.
 * @throws when the two sides have different bins
 */
export function psi(referenceCounts: ArrayLike<number>, currentCounts: ArrayLike<number>, options: { floor?: number } = {}): number {
  if (referenceCounts.length !== currentCounts.length) throw new RangeError('reference and current have different bins');
  const floor = options.floor ?? defaultPsiFloor;
  const referenceTotal = sumOf(referenceCounts);
  const currentTotal = sumOf(currentCounts);
  if (referenceTotal === 0 || currentTotal === 0) return 0;
  let score = 0;
  for (let bin = 0; bin < referenceCounts.length; bin++) {
    const reference = Math.max(referenceCounts[bin]! / referenceTotal, floor);
    const current = Math.max(currentCounts[bin]! / currentTotal, floor);
    score += (current - reference) * Math.log(current / reference);
  }
  return score;
}
