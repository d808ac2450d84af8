import { sumOf } from './histogram.js';
import { chiSquareTail } from './normal.js';

export interface ChiSquare {
  statistic: number;
  degreesOfFreedom: number;
  pValue: number;
}

/** Two-sample test of homogeneity on a 2 x B table (scipy's chi2_contingency: Yates' correction when B is 2, empty columns left out). */
export function chiSquare(referenceCounts: readonly number[], currentCounts: readonly number[]): ChiSquare {
  const rows = [referenceCounts, currentCounts] as const;
  const totals = rows.map(sumOf);
  const all = totals[0]! + totals[1]!;
  const bins = referenceCounts.map((_, bin) => bin).filter((bin) => referenceCounts[bin]! + currentCounts[bin]! > 0);
  const degreesOfFreedom = bins.length - 1;
  if (degreesOfFreedom < 1 || totals.includes(0)) return { statistic: 0, degreesOfFreedom: Math.max(0, degreesOfFreedom), pValue: 1 };
  let statistic = 0;
  for (const bin of bins) {
    const column = referenceCounts[bin]! + currentCounts[bin]!;
    for (const row of [0, 1] as const) {
      const expected = (totals[row]! * column) / all;
      const distance = Math.abs(rows[row][bin]! - expected);
      const corrected = degreesOfFreedom === 1 ? distance - Math.min(0.5, distance) : distance;
      statistic += corrected ** 2 / expected;
    }
  }
  return { statistic, degreesOfFreedom, pValue: chiSquareTail(statistic, degreesOfFreedom) };
}

/** Goodness of fit of the current counts to the reference proportions, which count as known without error (scipy's chisquare, Evidently's chi-square). */
export function chiSquareGoodnessOfFit(referenceCounts: readonly number[], currentCounts: readonly number[]): ChiSquare {
  const scale = sumOf(currentCounts) / sumOf(referenceCounts);
  let statistic = 0;
  for (let bin = 0; bin < referenceCounts.length; bin++) {
    const expected = referenceCounts[bin]! * scale;
    if (expected > 0) statistic += (currentCounts[bin]! - expected) ** 2 / expected;
    else if (currentCounts[bin]! > 0) statistic = Infinity;
  }
  const degreesOfFreedom = referenceCounts.length - 1;
  return { statistic, degreesOfFreedom, pValue: statistic === Infinity ? 0 : chiSquareTail(statistic, degreesOfFreedom) };
}
