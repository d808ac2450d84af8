import { studentTail } from './normal.js';

/** Count, mean and sum of squared deviations: enough for a test, and mergeable. */
export interface Moments {
  count: number;
  mean: number;
  /** Sum of squared deviations from the mean. */
  squares: number;
}

export const noMoments: Moments = { count: 0, mean: 0, squares: 0 };

export function momentsOf(values: Iterable<number>): Moments {
  const moments = { ...noMoments };
  for (const value of values) {
    moments.count++;
    const delta = value - moments.mean;
    moments.mean += delta / moments.count;
    moments.squares += delta * (value - moments.mean);
  }
  return moments;
}

export function mergeMoments(a: Moments, b: Moments): Moments {
  const count = a.count + b.count;
  if (count === 0) return noMoments;
  const delta = b.mean - a.mean;
  return { count, mean: a.mean + (delta * b.count) / count, squares: a.squares + b.squares + (delta * delta * a.count * b.count) / count };
}

export interface WelchTest {
  difference: number;
  standardError: number;
  t: number;
  degreesOfFreedom: number;
  /** One-sided: the chance of such a difference if the mean of `a` is not above the mean of `b`. */
  pGreater: number;
  pTwoSided: number;
}

/** Welch's t-test of mean(a) - mean(b), unequal variances; p is 1 when a side has fewer than two values. */
export function welchTest(a: Moments, b: Moments): WelchTest {
  const difference = a.mean - b.mean;
  if (a.count < 2 || b.count < 2) return { difference, standardError: Number.NaN, t: 0, degreesOfFreedom: 0, pGreater: 1, pTwoSided: 1 };
  const va = a.squares / (a.count - 1) / a.count;
  const vb = b.squares / (b.count - 1) / b.count;
  const standardError = Math.sqrt(va + vb);
  if (standardError === 0) {
    const pGreater = difference > 0 ? 0 : 1;
    return {
      difference,
      standardError,
      t: difference === 0 ? 0 : Math.sign(difference) * Infinity,
      degreesOfFreedom: a.count + b.count - 2,
      pGreater,
      pTwoSided: difference === 0 ? 1 : 0,
    };
  }
  const t = difference / standardError;
  const degreesOfFreedom = (va + vb) ** 2 / (va ** 2 / (a.count - 1) + vb ** 2 / (b.count - 1));
  const pGreater = studentTail(t, degreesOfFreedom);
  return { difference, standardError, t, degreesOfFreedom, pGreater, pTwoSided: 2 * studentTail(Math.abs(t), degreesOfFreedom) };
}
