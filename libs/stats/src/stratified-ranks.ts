import { sumOf } from './histogram.js';
import { normalTail } from './normal.js';

/** Two histograms over the same bins, from the same stretch of time. */
export interface HistogramStratum {
  readonly a: readonly number[];
  readonly b: readonly number[];
}

/**
 * One-sided test that values of arm a are larger than those of arm b: Mann-Whitney from binned counts, one bin being one
 * tie, over strata (van Elteren's weights), normal approximation with tie correction.
 * @param shift bins by which a may lie higher and still count as alike
 */
export function stratifiedLarger(strata: readonly HistogramStratum[], shift = 0): number {
  let distance = 0;
  let variance = 0;
  for (const { a, b } of strata) {
    const [n, m] = [sumOf(a), sumOf(b)];
    if (n === 0 || m === 0) continue;
    const moved = shift === 0 ? a : lowered(a, shift);
    const all = n + m;
    let below = 0;
    let u = 0;
    let ties = 0;
    for (let bin = 0; bin < Math.max(moved.length, b.length); bin++) {
      const [inA, inB] = [moved[bin] ?? 0, b[bin] ?? 0];
      u += inA * (below + inB / 2);
      below += inB;
      const tied = inA + inB;
      ties += tied ** 3 - tied;
    }
    const weight = 1 / (all + 1);
    distance += weight * (u - (n * m) / 2);
    variance += weight ** 2 * ((n * m) / 12) * (all + 1 - ties / (all * (all - 1)));
  }
  return variance > 0 ? normalTail(distance / Math.sqrt(variance)) : 1;
}

function lowered(counts: readonly number[], shift: number): number[] {
  const moved = counts.slice(shift);
  moved[0] = (moved[0] ?? 0) + sumOf(counts.slice(0, shift));
  return moved;
}
