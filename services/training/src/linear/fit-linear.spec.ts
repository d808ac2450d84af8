import { auc } from '@bascule/stats';
import { describe, expect, it } from 'vitest';
import { features, inYears, readBirdstrikes } from '../../test/birdstrikes.js';
import { frameOf } from '../trainers/frame.js';
import type { Feature, Row } from '../trainers/row.js';
import { sigmoid } from '../trainers/sigmoid.js';
import { fitLinear, scoreLinear } from './fit-linear.js';
import { layTerms } from './terms.js';

const claims = readBirdstrikes();
const judged = inYears(claims, 2000, 2001);
const binary = { task: 'binary' } as const;
const fitOn = (of: readonly Feature[], rows: readonly Row[], params: { l2: number; l1?: number }) =>
  fitLinear(frameOf(of, rows), binary, { l1: 0, ...params });
const scoresOf = (model: ReturnType<typeof fitOn>, of: readonly Feature[], rows: readonly Row[]) =>
  scoreLinear(model, frameOf(of, rows))[0]!.map(sigmoid);
const aucOn2000 = (first: number, last: number) =>
  auc(
    scoresOf(fitOn(features, inYears(claims, first, last), { l2: 1 }), features, judged),
    judged.map(({ label }) => label),
  );

describe('fitLinear for two classes', () => {
  it('ends where the gradient of the penalised loss vanishes', () => {
    const rows = inYears(claims, 1990, 1991);
    const frame = frameOf(features, rows);
    const model = fitOn(features, rows, { l2: 1 });
    const laid = layTerms(model.terms, frame.columns);
    const scores = scoresOf(model, features, rows);
    const gradient = Float64Array.from(model.weights);
    let ofIntercept = 0;
    for (const [row, score] of scores.entries()) {
      const residual = score - rows[row]!.label;
      ofIntercept += residual;
      for (const term of laid) {
        if (term.kind === 'category') gradient[term.at[row]!]! += residual;
        else {
          gradient[term.term.valueColumn]! += residual * term.values[row]!;
          gradient[term.term.missingColumn]! += residual * term.missing[row]!;
        }
      }
    }
    expect(Math.max(...gradient.map(Math.abs), Math.abs(ofIntercept)) / rows.length).toBeLessThan(1e-6);
  });

  it('finds the log odds of a group when nothing is penalised much', () => {
    const rows: Row[] = ['a', 'b'].flatMap((category, group) =>
      Array.from({ length: 100 }, (_, i) => ({ occurredAt: i, label: i < (group === 0 ? 20 : 70) ? 1 : 0, cells: [category] })),
    );
    const group: Feature[] = [{ name: 'group', kind: 'categorical' }];
    const [a, b] = scoresOf(fitOn(group, rows, { l2: 1e-6 }), group, [rows[0]!, rows[100]!]);
    expect(a).toBeCloseTo(0.2, 4);
    expect(b).toBeCloseTo(0.7, 4);
  });

  it('does not penalise the intercept: with a huge penalty every score is the base rate', () => {
    const rows = inYears(claims, 1990, 1991);
    const scores = scoresOf(fitOn(features, rows, { l2: 1e6 }), features, rows);
    const rate = rows.reduce((sum, { label }) => sum + label, 0) / rows.length;
    expect(Math.max(...scores.map((score) => Math.abs(score - rate)))).toBeLessThan(0.001);
  });

  it('gives the same weights for the same rows', () => {
    const rows = inYears(claims, 1990, 1991);
    expect(fitOn(features, rows, { l2: 1 }).weights).toEqual(fitOn(features, rows, { l2: 1 }).weights);
  });

  it('reaches an AUC of 0.76 to 0.78 on 2000-2001 when trained on the first years', () => {
    expect(aucOn2000(1990, 1993)).toBeGreaterThan(0.76);
    expect(aucOn2000(1990, 1994)).toBeGreaterThan(0.76);
    expect(aucOn2000(1990, 1994)).toBeLessThan(0.78);
  });

  it('reaches about 0.80 on 2000-2001 when trained on recent years', () => {
    expect(aucOn2000(1996, 1999)).toBeCloseTo(0.8, 2);
  });

  it('makes weights that hardly help 0 under a penalty on absolute weights, and costs little by it', () => {
    const rows = inYears(claims, 1996, 1999);
    const model = fitOn(features, rows, { l2: 0.1, l1: 3 });
    const zeros = model.weights.filter((weight) => weight === 0).length;
    expect(zeros / model.weights.length).toBeGreaterThan(0.5);
    const labels = judged.map(({ label }) => label);
    expect(auc(scoresOf(model, features, judged), labels)).toBeGreaterThan(0.78);
  });

  it('ends where no weight can move without a loss when absolute weights are penalised', () => {
    const rows = inYears(claims, 1990, 1990);
    const l1 = 2;
    const model = fitOn(features, rows, { l2: 0.5, l1 });
    const laid = layTerms(model.terms, frameOf(features, rows).columns);
    const scores = scoresOf(model, features, rows);
    const gradient = model.weights.map((weight) => 0.5 * weight);
    for (const [row, score] of scores.entries()) {
      for (const term of laid) if (term.kind === 'category') gradient[term.at[row]!]! += score - rows[row]!.label;
    }
    const columns = laid.flatMap(({ term }) => (term.kind === 'category' ? [...term.columns.values(), term.otherColumn] : []));
    for (const column of columns) {
      const weight = model.weights[column]!;
      if (weight === 0) expect(Math.abs(gradient[column]!)).toBeLessThan(l1 + 1e-3);
      else expect(gradient[column]! + l1 * Math.sign(weight)).toBeCloseTo(0, 2);
    }
  });
});

describe('fitLinear for several classes and for numbers', () => {
  const group: Feature[] = [{ name: 'group', kind: 'categorical' }];

  it('finds the shares of three classes in each group', () => {
    const shares = [
      [50, 30, 20],
      [10, 10, 80],
    ];
    const rows: Row[] = shares.flatMap((counts, at) =>
      counts.flatMap((count, label) => Array.from({ length: count }, () => ({ occurredAt: 0, label, cells: [`g${at}`] }))),
    );
    const frame = frameOf(group, rows);
    const model = fitLinear(frame, { task: 'multiclass', classCount: 3 }, { l1: 0, l2: 1e-6 });
    const scores = scoreLinear(model, frameOf(group, [rows[0]!, rows[100]!]));
    for (const [at, counts] of shares.entries()) {
      const likely = scores.map((own) => Math.exp(own[at]!));
      const sum = likely.reduce((total, value) => total + value, 0);
      for (const [k, count] of counts.entries()) expect(likely[k]! / sum).toBeCloseTo(count / 100, 3);
    }
  });

  it('finds slope and intercept of a line, whatever its scale', () => {
    const line: Feature[] = [{ name: 'x', kind: 'numeric' }];
    const rows: Row[] = Array.from({ length: 200 }, (_, i) => ({ occurredAt: i, label: 5000 + 300 * i, cells: [i] }));
    const model = fitLinear(frameOf(line, rows), { task: 'regression' }, { l1: 0, l2: 1e-6 });
    const [told] = scoreLinear(model, frameOf(line, rows));
    expect(Math.max(...told!.map((value, row) => Math.abs(value - rows[row]!.label)))).toBeLessThan(0.5);
  });
});
