import { sumOf } from './histogram.js';
import { normalTail } from './normal.js';

export interface PsiExcess {
  /** Without what sampling alone would give on average; may be below 0. */
  psi: number;
  standardError: number;
  /** One-sided: the chance of such a PSI if the true one is not above the tolerance. */
  pValue: number;
  currentCount: number;
  referenceCount: number;
}

/** Cells that hold fewer than so many expected values are put together with their neighbour. */
const minPerCell = 5;

/**
 * Is the PSI between two histograms over the same bins larger than a tolerance? Corrected for its bias at these sizes, with
 * the standard error of the delta method; half a value is added to each cell so that none is empty.
 * @param effectiveReference how many values the reference is worth, when it was put together with weights
 */
export function psiExcess(
  currentCounts: readonly number[],
  referenceCounts: readonly number[],
  tolerance: number,
  effectiveReference = sumOf(referenceCounts),
): PsiExcess {
  const [current, reference] = joinSmall(currentCounts, referenceCounts);
  const [n, m] = [sumOf(current), sumOf(reference)];
  const cells = current.length;
  const counts = { currentCount: n, referenceCount: Math.round(effectiveReference) };
  if (cells < 2 || n === 0 || m === 0) return { psi: 0, standardError: Number.POSITIVE_INFINITY, pValue: 1, ...counts };
  let psi = 0;
  const inCurrent = { mean: 0, square: 0 };
  const inReference = { mean: 0, square: 0 };
  for (let cell = 0; cell < cells; cell++) {
    const q = (current[cell]! + 0.5) / (n + cells / 2);
    const p = (reference[cell]! + 0.5) / (m + cells / 2);
    const log = Math.log(q / p);
    psi += (q - p) * log;
    addTo(inCurrent, q, log + 1 - p / q);
    addTo(inReference, p, -log + 1 - q / p);
  }
  const bias = (cells - 1) * (1 / n + 1 / effectiveReference);
  const spread = varianceOf(inCurrent) / n + varianceOf(inReference) / effectiveReference;
  // where nothing moved the linear part vanishes, and what is left is the noise of the squares
  const standardError = Math.sqrt(spread + 2 * (cells - 1) * (1 / n + 1 / effectiveReference) ** 2);
  const corrected = psi - bias;
  return { psi: corrected, standardError, pValue: normalTail((corrected - tolerance) / standardError), ...counts };
}

function addTo(sum: { mean: number; square: number }, weight: number, gradient: number): void {
  sum.mean += weight * gradient;
  sum.square += weight * gradient * gradient;
}

function varianceOf({ mean, square }: { mean: number; square: number }): number {
  return Math.max(0, square - mean * mean);
}

function joinSmall(current: readonly number[], reference: readonly number[]): [number[], number[]] {
  const joined: [number[], number[]] = [[], []];
  let [c, r] = [0, 0];
  const share = sumOf(current) / Math.max(1, sumOf(current) + sumOf(reference));
  for (let cell = 0; cell < current.length; cell++) {
    c += current[cell]!;
    r += reference[cell]!;
    if ((c + r) * Math.min(share, 1 - share) < minPerCell) continue;
    joined[0].push(c);
    joined[1].push(r);
    [c, r] = [0, 0];
  }
  const lastCell = joined[0].length - 1;
  if (c + r > 0 && lastCell >= 0) {
    joined[0][lastCell]! += c;
    joined[1][lastCell]! += r;
  }
  return joined;
}
