import { sumOf } from './histogram.js';

/** Jensen-Shannon distance (the square root of the divergence, as in scipy) of two histograms; natural logarithm unless a base is given. */
export function jensenShannon(reference: ArrayLike<number>, current: ArrayLike<number>, options: { base?: number } = {}): number {
  const referenceTotal = sumOf(reference);
  const currentTotal = sumOf(current);
  if (referenceTotal === 0 || currentTotal === 0) return 0;
  let divergence = 0;
  for (let bin = 0; bin < reference.length; bin++) {
    const p = reference[bin]! / referenceTotal;
    const q = current[bin]! / currentTotal;
    const middle = (p + q) / 2;
    if (p > 0) divergence += (p * Math.log(p / middle)) / 2;
    if (q > 0) divergence += (q * Math.log(q / middle)) / 2;
  }
  return Math.sqrt(Math.max(0, divergence) / Math.log(options.base ?? Math.E));
}

/** Largest difference between the proportions of any one category. */
export function lInfinity(reference: ArrayLike<number>, current: ArrayLike<number>): number {
  const referenceTotal = sumOf(reference);
  const currentTotal = sumOf(current);
  let largest = 0;
  for (let bin = 0; bin < reference.length; bin++) {
    largest = Math.max(largest, Math.abs(reference[bin]! / referenceTotal - current[bin]! / currentTotal));
  }
  return largest;
}
