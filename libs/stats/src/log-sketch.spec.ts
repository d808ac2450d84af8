import { describe, expect, it } from 'vitest';
import { quantile } from './histogram.js';
import { LogSketch } from './log-sketch.js';
import { normalRandom, seededRandom } from './random.js';

function sketchOf(values: number[]): LogSketch {
  const sketch = new LogSketch();
  for (const value of values) sketch.add(value);
  return sketch;
}

describe('sketch', () => {
  const random = seededRandom(11);
  const values = Array.from({ length: 20_000 }, () => Math.exp(normalRandom(random)) - 0.5);

  it('is exact while there are few distinct values', () => {
    const sketch = sketchOf([140, 140, 120, 0, -3]);
    expect(sketch.entries()).toEqual([
      [-3, 1],
      [0, 1],
      [120, 1],
      [140, 2],
    ]);
    expect(sketch.countIntoBins([140])).toEqual([3, 2]);
  });

  it('keeps quantiles within the relative error when there are many', () => {
    const sorted = Float64Array.from(values).sort();
    const sketch = sketchOf(values);
    const probabilities = [0.05, 0.25, 0.75, 0.95];
    sketch.quantiles(probabilities).forEach((ours, i) => {
      const exact = quantile(sorted, probabilities[i]!);
      expect(Math.abs(ours - exact)).toBeLessThanOrEqual(0.02 * Math.abs(exact) + 1e-6);
    });
    expect(sketch.distinct).toBeLessThan(4000);
  });

  it('merged from parts equals the whole', () => {
    const parts = [values.slice(0, 100), values.slice(100, 9000), values.slice(9000)].map(sketchOf);
    const merged = new LogSketch().merge(parts[0]!).merge(parts[2]!).merge(parts[1]!);
    expect(merged.count).toBe(values.length);
    expect(merged.entries().map(([, count]) => count)).toEqual(
      sketchOf(values)
        .entries()
        .map(([, count]) => count),
    );
  });

  it('survives its JSON form', () => {
    for (const sketch of [sketchOf(values), sketchOf([1, 2, 2])]) {
      const copy = LogSketch.from(JSON.parse(JSON.stringify(sketch)));
      expect(copy.toJSON()).toEqual(sketch.toJSON());
    }
  });

  it('ignores what is not a number', () => expect(sketchOf([Number.NaN, Number.POSITIVE_INFINITY]).count).toBe(0));
});
