import { quantile, sumOf } from './histogram.js';
import { defaultPsiFloor, psi } from './psi.js';
import { AliasTable, binomialRandom, seededRandom } from './random.js';

export interface PsiNoise {
  /** PSI that sampling alone gives on average. */
  mean: number;
  /** PSI that sampling alone exceeds once in a thousand windows. */
  quantile999: number;
}

export interface PsiNoiseOptions {
  floor?: number;
  simulations?: number;
  seed?: number;
}

/** Up to so many rows per bin rows are drawn one by one; above, bins are drawn as binomials, whose cost does not grow with the rows. */
const rowsPerBin = 16;
const remembered = new Map<string, PsiNoise>();
const rememberedAtMost = 512;

/**
 * Distribution of PSI when nothing moved: both windows are drawn again and again from the pooled proportions, with the same sizes and floor.
 * Simulated because the chi-square approximation fails where most categories are rare. The far quantile is the larger of what was
 * simulated and a normal tail, since a few hundred simulations cannot show it.
 */
export function psiNoise(referenceCounts: ArrayLike<number>, currentCounts: ArrayLike<number>, options: PsiNoiseOptions = {}): PsiNoise {
  if (referenceCounts.length !== currentCounts.length) throw new RangeError('reference and current have different bins');
  const { floor = defaultPsiFloor, simulations = 300, seed = 1 } = options;
  const key = `${floor}/${simulations}/${seed}/${Array.prototype.join.call(referenceCounts)}/${Array.prototype.join.call(currentCounts)}`;
  const known = remembered.get(key);
  if (known) return known;
  const noise = simulate(referenceCounts, currentCounts, floor, simulations, seed);
  if (remembered.size >= rememberedAtMost) remembered.delete(remembered.keys().next().value!);
  remembered.set(key, noise);
  return noise;
}

function simulate(reference: ArrayLike<number>, current: ArrayLike<number>, floor: number, simulations: number, seed: number): PsiNoise {
  const bins = reference.length;
  const referenceTotal = sumOf(reference);
  const currentTotal = sumOf(current);
  if (referenceTotal === 0 || currentTotal === 0 || bins < 2) return { mean: 0, quantile999: 0 };
  const pooled = Float64Array.from({ length: bins }, (_, bin) => reference[bin]! + current[bin]!);
  const random = seededRandom(seed);
  const drawReference = windowDrawer(pooled, referenceTotal, random);
  const drawCurrent = windowDrawer(pooled, currentTotal, random);
  const scores = new Float64Array(simulations);
  for (let i = 0; i < simulations; i++) scores[i] = psi(drawReference(), drawCurrent(), { floor });
  scores.sort();
  const mean = sumOf(scores) / simulations;
  const variance = scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / Math.max(1, simulations - 1);
  return { mean, quantile999: Math.max(quantile(scores, 0.999), mean + 3.0902 * Math.sqrt(variance)) };
}

function windowDrawer(weights: Float64Array, size: number, random: () => number): () => Float64Array {
  const counts = new Float64Array(weights.length);
  if (size <= rowsPerBin * weights.length) {
    const table = new AliasTable(weights);
    return () => {
      counts.fill(0);
      for (let row = 0; row < size; row++) counts[table.draw(random)]!++;
      return counts;
    };
  }
  const total = sumOf(weights);
  return () => {
    let rows = size;
    let left = total;
    for (let bin = 0; bin < weights.length; bin++) {
      const drawn = binomialRandom(rows, Math.min(1, weights[bin]! / left), random);
      counts[bin] = drawn;
      rows -= drawn;
      left -= weights[bin]!;
    }
    return counts;
  };
}
