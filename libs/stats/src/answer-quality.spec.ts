import { describe, expect, it } from 'vitest';
import { ClassQuality, type Estimate, NumberQuality } from './answer-quality.js';
import { classMetrics } from './class-metrics.js';
import { normalRandom, seededRandom } from './random.js';
import { meanAbsoluteError, rootMeanSquaredError } from './regression.js';

/** Answers of three classes, of which the last is rare; right more often than not. */
function drawClasses(count: number, seed: number): { probabilities: number[]; label: number }[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => {
    const label = [0, 0, 0, 0, 1, 1, 1, 2][Math.floor(random() * 8)]!;
    const raw = [0, 1, 2].map((k) => Math.exp(1.2 * Number(k === label) + normalRandom(random)));
    const sum = raw.reduce((a, b) => a + b, 0);
    return { probabilities: raw.map((value) => value / sum), label };
  });
}
const qualityOf = (rows: ReturnType<typeof drawClasses>) => {
  const quality = new ClassQuality(3);
  for (const { probabilities, label } of rows) quality.add(probabilities, label);
  return quality.measures();
};
/** How far a measure lies apart in samples of the same kind. */
function spreadOf(samples: readonly number[]): number {
  const mean = samples.reduce((a, b) => a + b, 0) / samples.length;
  return Math.sqrt(samples.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (samples.length - 1));
}

describe('the quality of answers', () => {
  it('of several classes is what the measures of all rows at once say', () => {
    const rows = drawClasses(500, 3);
    const chosen = rows.map(({ probabilities }) => probabilities.indexOf(Math.max(...probabilities)));
    const { accuracy, macroF1 } = classMetrics(
      chosen,
      rows.map(({ label }) => label),
      3,
    );
    const found = qualityOf(rows);
    expect(found.accuracy.value).toBeCloseTo(accuracy, 12);
    expect(found.f1Macro.value).toBeCloseTo(macroF1, 12);
    const loss = rows.reduce((sum, { probabilities, label }) => sum - Math.log(probabilities[label]!), 0) / rows.length;
    expect(found.logLoss.value).toBeCloseTo(loss, 12);
  });

  it('comes with the errors that many samples show', () => {
    const samples = Array.from({ length: 400 }, (_, seed) => qualityOf(drawClasses(400, seed + 1)));
    for (const name of ['accuracy', 'f1Macro', 'logLoss'] as const) {
      const told = samples.reduce((sum, sample) => sum + sample[name].standardError, 0) / samples.length;
      expect(told / spreadOf(samples.map((sample) => sample[name].value))).toBeGreaterThan(0.88);
      expect(told / spreadOf(samples.map((sample) => sample[name].value))).toBeLessThan(1.12);
    }
  });

  it('of numbers is what the measures of all rows at once say, with the errors that many samples show', () => {
    const draw = (seed: number) => {
      const random = seededRandom(seed);
      return Array.from({ length: 300 }, () => ({ truth: 100 * random(), miss: 5 * normalRandom(random) }));
    };
    const measure = (rows: ReturnType<typeof draw>): Record<'mae' | 'rmse', Estimate> => {
      const quality = new NumberQuality();
      for (const { truth, miss } of rows) quality.add(truth + miss, truth);
      return quality.measures();
    };
    const rows = draw(1);
    const answers = rows.map(({ truth, miss }) => truth + miss);
    const truths = rows.map(({ truth }) => truth);
    expect(measure(rows).mae.value).toBeCloseTo(meanAbsoluteError(answers, truths), 9);
    expect(measure(rows).rmse.value).toBeCloseTo(rootMeanSquaredError(answers, truths), 9);
    const samples = Array.from({ length: 400 }, (_, seed) => measure(draw(seed + 1)));
    for (const name of ['mae', 'rmse'] as const) {
      const told = samples.reduce((sum, sample) => sum + sample[name].standardError, 0) / samples.length;
      expect(Math.abs(told / spreadOf(samples.map((sample) => sample[name].value)) - 1)).toBeLessThan(0.12);
    }
  });

  it('counts nothing that is no answer, or no label of these classes', () => {
    const quality = new ClassQuality(2);
    expect([
      quality.add([0.5, 0.5], 2),
      quality.add([0.5, 0.5], 0.5),
      quality.add([0.2, 0.3, 0.5], 1),
      quality.add([Number.NaN, 1], 1),
      quality.add([0.4, 0.6], 1),
    ]).toEqual([false, false, false, false, true]);
    expect(quality.rowCount).toBe(1);
    const numbers = new NumberQuality();
    expect([numbers.add(Number.NaN, 1), numbers.add(1, Number.POSITIVE_INFINITY), numbers.add(1, 1)]).toEqual([false, false, true]);
    expect(numbers.measures()).toEqual({ mae: { value: 0, standardError: 0 }, rmse: { value: 0, standardError: 0 } });
  });
});
