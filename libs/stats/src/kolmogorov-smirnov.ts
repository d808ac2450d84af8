import { sortedFinite } from './histogram.js';

/** Up to this many cells the p-value is exact; above, the limiting distribution is used. */
const exactCells = 4_000_000;

/** Two-sided two-sample Kolmogorov-Smirnov test; exact p-value (ties ignored, so conservative) for small samples as in scipy's `auto`. */
export function kolmogorovSmirnov(
  reference: Float64Array | readonly number[],
  current: Float64Array | readonly number[],
): { statistic: number; pValue: number } {
  const x = sortedFinite(reference);
  const y = sortedFinite(current);
  if (x.length === 0 || y.length === 0) return { statistic: 0, pValue: 1 };
  let statistic = 0;
  let i = 0;
  let j = 0;
  while (i < x.length && j < y.length) {
    const value = Math.min(x[i]!, y[j]!);
    while (i < x.length && x[i] === value) i++;
    while (j < y.length && y[j] === value) j++;
    statistic = Math.max(statistic, Math.abs(i / x.length - j / y.length));
  }
  const pValue = x.length * y.length <= exactCells ? exactTail(statistic, x.length, y.length) : limitTail(statistic, x.length, y.length);
  return { statistic, pValue };
}

/** P(D ≥ d): share of lattice paths that leave the band. */
function exactTail(statistic: number, n: number, m: number): number {
  const [small, large] = n < m ? [n, m] : [m, n];
  const band = (0.5 + Math.floor(statistic * small * large - 1e-7)) / (small * large);
  const inside = new Float64Array(large + 1);
  for (let j = 0; j <= large; j++) inside[j] = j / large > band ? 0 : 1;
  for (let i = 1; i <= small; i++) {
    const weight = i / (i + large);
    inside[0] = i / small > band ? 0 : weight * inside[0]!;
    for (let j = 1; j <= large; j++) {
      inside[j] = Math.abs(i / small - j / large) > band ? 0 : weight * inside[j]! + inside[j - 1]!;
    }
  }
  return Math.min(1, Math.max(0, 1 - inside[large]!));
}

function limitTail(statistic: number, n: number, m: number): number {
  const lambda = Math.sqrt((n * m) / (n + m)) * statistic;
  if (lambda < 0.2) return 1;
  let sum = 0;
  for (let k = 1; k <= 100; k++) {
    const term = Math.exp(-2 * k * k * lambda * lambda);
    sum += k % 2 === 1 ? term : -term;
    if (term < 1e-18) break;
  }
  return Math.min(1, Math.max(0, 2 * sum));
}
