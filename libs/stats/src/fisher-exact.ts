import { logGamma } from './normal.js';

const logFactorial = (n: number) => logGamma(n + 1);

/** Two-sided Fisher test of a 2 x 2 table: the probability of every table no likelier than the one seen (R's and scipy's definition). */
export function fisherExact(table: readonly [readonly [number, number], readonly [number, number]]): number {
  const [[a, b], [c, d]] = table;
  const row = a + b;
  const column = a + c;
  const all = row + c + d;
  const constant = logFactorial(row) + logFactorial(all - row) + logFactorial(column) + logFactorial(all - column) - logFactorial(all);
  const probability = (x: number) =>
    Math.exp(constant - logFactorial(x) - logFactorial(row - x) - logFactorial(column - x) - logFactorial(all - row - column + x));
  const seen = probability(a) * (1 + 1e-7);
  let sum = 0;
  for (let x = Math.max(0, row + column - all); x <= Math.min(row, column); x++) {
    const one = probability(x);
    if (one <= seen) sum += one;
  }
  return Math.min(1, sum);
}
