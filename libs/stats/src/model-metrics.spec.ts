import { absent, readReference } from '@bascule/testing/reference-data';
import { describe, expect, it } from 'vitest';
import { bootstrapIntervals } from './bootstrap.js';
import { classMetrics } from './class-metrics.js';
import { auc } from './classification.js';
import { calibrationBins, expectedCalibrationError, multiclassBrier, multiclassLogLoss, wilsonInterval } from './probability-metrics.js';
import { normalRandom, seededRandom } from './random.js';
import { averagePrecision, macroAuc, thresholdCurve } from './ranking.js';
import { meanAbsoluteError, quantileLoss, rootMeanSquaredError } from './regression.js';

interface Published {
  binary_small: {
    y_true: number[];
    score: number[];
    average_precision: number;
    f1: number;
    accuracy: number;
    confusion: number[][];
    y_pred_at_0_5: number[];
  };
  multiclass_small_with_never_predicted_class: {
    y_true: string[];
    y_pred: string[];
    accuracy: number;
    macro_f1: number;
    weighted_f1: number;
    per_class: Record<string, { precision: number; recall: number; f1: number; support: number }>;
    confusion: number[][];
  };
}

const file = 'vectors/performance_metrics.json';
const missing = absent(file);
describe.skipIf(missing)(`scikit-learn's figures${missing}`, () => {
  const nothing = { y_true: [], score: [], y_pred_at_0_5: [], y_pred: [], per_class: {}, confusion: [] };
  const published = readReference(file, {
    binary_small: nothing,
    multiclass_small_with_never_predicted_class: nothing,
  } as unknown as Published);
  const { binary_small: binary, multiclass_small_with_never_predicted_class: several } = published;

  it('average precision sums steps, rows of one score together', () =>
    expect(averagePrecision(binary.score, binary.y_true)).toBeCloseTo(binary.average_precision, 12));

  it('F1, accuracy and confusion of two classes', () => {
    const { perClass, accuracy, confusion } = classMetrics(binary.y_pred_at_0_5, binary.y_true, 2);
    expect(perClass[1]!.f1).toBeCloseTo(binary.f1, 12);
    expect(accuracy).toBeCloseTo(binary.accuracy, 12);
    expect(confusion).toEqual(binary.confusion);
  });

  it('F1 of several classes, one of them never chosen', () => {
    const names = Object.keys(several.per_class);
    const positions = (values: readonly string[]) => values.map((name) => names.indexOf(name));
    const { accuracy, macroF1, weightedF1, perClass, confusion } = classMetrics(
      positions(several.y_pred),
      positions(several.y_true),
      names.length,
    );
    expect(accuracy).toBeCloseTo(several.accuracy, 12);
    expect(macroF1).toBeCloseTo(several.macro_f1, 12);
    expect(weightedF1).toBeCloseTo(several.weighted_f1, 12);
    expect(confusion).toEqual(several.confusion);
    for (const [k, name] of names.entries()) {
      for (const [metric, value] of Object.entries(several.per_class[name]!)) expect(perClass[k]![metric as 'f1']).toBeCloseTo(value, 12);
    }
  });
});

describe('measures of probabilities', () => {
  it('of two classes told as several are the log loss and twice the Brier score', () => {
    const positive = [0.9, 0.2, 0.6];
    const labels = [1, 0, 0];
    const scores = positive.flatMap((p) => [1 - p, p]);
    expect(multiclassLogLoss(scores, labels, 2)).toBeCloseTo(-(Math.log(0.9) + Math.log(0.8) + Math.log(0.4)) / 3, 12);
    expect(multiclassBrier(scores, labels, 2)).toBeCloseTo((2 * (0.01 + 0.04 + 0.36)) / 3, 12);
    expect(macroAuc(scores, labels, 2)).toBe(auc(positive, labels));
  });

  it('find no calibration error where every bin keeps its promise, and all of it where none does', () => {
    const labels = Array.from({ length: 100 }, (_, i) => Number(i < 25));
    expect(expectedCalibrationError(new Array(100).fill(0.25), labels)).toBeCloseTo(0, 12);
    expect(expectedCalibrationError(new Array(100).fill(1), labels)).toBeCloseTo(0.75, 12);
    expect(calibrationBins([0, 0.05, 1], [0, 1, 1])).toMatchObject([
      { from: 0, rowCount: 2, positiveShare: 0.5 },
      { from: 0.9, to: 1, rowCount: 1 },
    ]);
  });

  it("know Wilson's interval", () => {
    const [low, high] = wilsonInterval(8, 10);
    expect(low).toBeCloseTo(0.4902, 4);
    expect(high).toBeCloseTo(0.9433, 4);
    expect(wilsonInterval(0, 10)[0]).toBe(0);
  });
});

describe('the threshold curve', () => {
  it('encloses the AUC', () => {
    const random = seededRandom(3);
    const labels = Array.from({ length: 300 }, () => Number(random() < 0.4));
    const scores = labels.map((label) => Math.round(10 * (random() + 0.3 * label)));
    const points = [{ falsePositiveRate: 0, truePositiveRate: 0 }, ...thresholdCurve(scores, labels)];
    const area = points
      .slice(1)
      .reduce(
        (sum, point, i) =>
          sum + ((point.falsePositiveRate - points[i]!.falsePositiveRate) * (point.truePositiveRate + points[i]!.truePositiveRate)) / 2,
        0,
      );
    expect(area).toBeCloseTo(auc(scores, labels), 12);
    expect(points.at(-1)).toMatchObject({ falsePositiveRate: 1, truePositiveRate: 1 });
  });
});

describe('measures of numbers', () => {
  const [told, truth] = [
    [1, 2, 6],
    [2, 2, 2],
  ];
  it('are distances', () => {
    expect(meanAbsoluteError(told!, truth!)).toBeCloseTo(5 / 3, 12);
    expect(rootMeanSquaredError(told!, truth!)).toBeCloseTo(Math.sqrt(17 / 3), 12);
  });
  it('cost a quantile by its side', () => expect(quantileLoss(told!, truth!, 0.9)).toBeCloseTo((0.9 * 1 + 0.1 * 4) / 3, 12));
});

describe('bootstrap intervals', () => {
  it('hold the true mean in about 95 of 100 samples', () => {
    const random = seededRandom(11);
    let held = 0;
    for (let sample = 0; sample < 200; sample++) {
      const values = Array.from({ length: 60 }, () => normalRandom(random));
      const mean = (rows: Int32Array) => ({ mean: rows.reduce((sum, row) => sum + values[row]!, 0) / rows.length });
      const [low, high] = bootstrapIntervals(60, mean, { resamplings: 200, seed: sample })['mean']!;
      if (low <= 0 && 0 <= high) held++;
    }
    expect(held / 200).toBeGreaterThan(0.9);
    expect(held / 200).toBeLessThan(0.99);
  });

  it('are the same for the same seed, and absent where a measure cannot be told', () => {
    const measure = (rows: Int32Array) => ({ first: rows[0]!, never: Number.NaN });
    const once = bootstrapIntervals(10, measure, { resamplings: 50, seed: 1 });
    expect(bootstrapIntervals(10, measure, { resamplings: 50, seed: 1 })).toEqual(once);
    expect(once['never']).toBeNull();
  });
});
