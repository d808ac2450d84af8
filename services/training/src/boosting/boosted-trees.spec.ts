import { auc } from '@bascule/stats';
import { describe, expect, it } from 'vitest';
import { features, inYears, readBirdstrikes } from '../../test/birdstrikes.js';
import { type Frame, frameOf } from '../trainers/frame.js';
import type { Feature, Row } from '../trainers/row.js';
import { type BoostingParams, fitBoostedTrees as fitPrepared, prepareRows, scoreTrees } from './boosted-trees.js';

const claims = readBirdstrikes();
const params: BoostingParams = {
  trees: 50,
  learningRate: 0.1,
  maxLeaves: 15,
  maxDepth: 100,
  minRowsInLeaf: 20,
  l2: 0,
  maxBins: 255,
  validationFraction: 0,
  patience: 10,
};
const binary = { task: 'binary' } as const;
const regression = { task: 'regression' } as const;
const number = (name: string, more: Partial<Feature> = {}): Feature => ({ name, kind: 'numeric', ...more });

type Given = Parameters<typeof fitPrepared>;
const fitBoostedTrees = (frame: Frame, task: Given[1], own: BoostingParams, options?: Given[3]) =>
  fitPrepared(prepareRows(frame, own), task, own, options);

/** A seeded stream of numbers in [0, 1). */
function stream(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
}

describe('fitBoostedTrees', () => {
  const years = inYears(claims, 1990, 1999);

  it('finds what two features tell only together', async () => {
    const next = stream();
    const rows: Row[] = Array.from({ length: 2000 }, (_, at) => {
      const [a, b] = [next() - 0.5, next() - 0.5];
      return { occurredAt: at, label: Number(a * b > 0), cells: [a, b] };
    });
    const of = [number('a'), number('b')];
    const model = await fitBoostedTrees(frameOf(of, rows.slice(0, 1500)), binary, params);
    const judged = rows.slice(1500);
    const [scores] = scoreTrees(model, frameOf(of, judged));
    const labels = judged.map(({ label }) => label);
    expect(auc(scores!, labels)).toBeGreaterThan(0.98);
  });

  it('grows the same trees on one thread and on several', async () => {
    const frame = frameOf(features, years);
    const [one, three] = await Promise.all([1, 3].map((threads) => fitBoostedTrees(frame, binary, params, { threads })));
    expect(three!.rounds).toEqual(one!.rounds);
  });

  it('finds a split on a threshold, one on missing values, and one on a set of texts', async () => {
    const next = stream();
    const of: Feature[] = [number('x'), { name: 'word', kind: 'categorical' }];
    const rows: Row[] = Array.from({ length: 2000 }, (_, at) => {
      const x = next() < 0.2 ? Number.NaN : Math.floor(100 * next());
      const word = `w${Math.floor(next() * 40)}`;
      const isOdd = Number(word.slice(1)) % 2 === 1;
      return { occurredAt: at, label: (Number.isNaN(x) ? 5 : x > 70 ? 3 : 0) + (isOdd ? 10 : 0), cells: [x, word] };
    });
    const model = await fitBoostedTrees(frameOf(of, rows), regression, { ...params, learningRate: 1, trees: 10, minRowsInLeaf: 5 });
    const [told] = scoreTrees(model, frameOf(of, rows));
    expect(Math.max(...told!.map((value, row) => Math.abs(value - rows[row]!.label)))).toBeLessThan(0.01);
  });

  it('puts what it never saw with the rare', async () => {
    const of: Feature[] = [{ name: 'word', kind: 'categorical' }];
    const rows: Row[] = [
      ...Array.from({ length: 100 }, (_, at) => ({ occurredAt: at, label: 1, cells: ['often'] })),
      ...Array.from({ length: 100 }, (_, at) => ({ occurredAt: at, label: 0, cells: [`once ${at}`] })),
    ];
    const model = await fitBoostedTrees(frameOf(of, rows), binary, { ...params, trees: 5 });
    const [often, rare, unseen, empty] = scoreTrees(
      model,
      frameOf(of, [rows[0]!, rows[150]!, { ...rows[0]!, cells: ['new'] }, { ...rows[0]!, cells: [''] }]),
    )[0]!;
    expect(often).toBeGreaterThan(rare!);
    expect([unseen, empty]).toEqual([rare, rare]);
  });

  it('puts few rare texts where their rows are, not where most others are', async () => {
    const of: Feature[] = [{ name: 'word', kind: 'categorical' }];
    const rows: Row[] = [
      ...Array.from({ length: 100 }, (_, at) => ({ occurredAt: at, label: 0, cells: ['often'] })),
      ...Array.from({ length: 3 }, (_, at) => ({ occurredAt: 100 + at, label: 1, cells: [`once ${at}`] })),
    ];
    const frame = frameOf(of, rows);
    const model = await fitBoostedTrees(frame, regression, { ...params, trees: 1, learningRate: 1, minRowsInLeaf: 1 });
    const told = scoreTrees(model, frame)[0]!;
    expect(told[0]).toBeCloseTo(0, 5);
    expect(told[102]).toBeCloseTo(1, 5);
  });

  it('keeps to the direction that a feature is given, whatever the rows say', async () => {
    const next = stream();
    const rows: Row[] = Array.from({ length: 3000 }, (_, at) => {
      const [x, z] = [next(), next()];
      return { occurredAt: at, label: Math.sin(9 * x) + x + z * Math.cos(5 * x) + 0.3 * next(), cells: [x, z] };
    });
    const told = async (monotone?: 'increasing' | 'decreasing') => {
      const of = [number('x', { monotone }), number('z')];
      const model = await fitBoostedTrees(frameOf(of, rows), regression, params);
      const line = (z: number): Row[] => Array.from({ length: 200 }, (_, i) => ({ occurredAt: 0, label: 0, cells: [i / 200, z] }));
      return [0.1, 0.5, 0.9].map((z) => [...scoreTrees(model, frameOf(of, line(z)))[0]!]);
    };
    const rises = (values: number[]) => values.slice(1).map((value, i) => value - values[i]!);
    for (const line of await told('increasing')) expect(Math.min(...rises(line))).toBeGreaterThanOrEqual(0);
    for (const line of await told('decreasing')) expect(Math.max(...rises(line))).toBeLessThanOrEqual(0);
    expect((await told()).some((line) => rises(line).some((rise) => rise < 0) && rises(line).some((rise) => rise > 0))).toBe(true);
  });

  it('stops when the latest rows say that it gets no better, and keeps the best rounds', async () => {
    const next = stream();
    const rows: Row[] = Array.from({ length: 1500 }, (_, at) => ({ occurredAt: at, label: Number(next() < 0.5), cells: [next(), next()] }));
    const model = await fitBoostedTrees(frameOf([number('a'), number('b')], rows), binary, {
      ...params,
      trees: 300,
      validationFraction: 0.2,
      patience: 5,
    });
    const best = model.validationLosses.indexOf(Math.min(...model.validationLosses)) + 1;
    expect(model.validationLosses.length).toBeLessThan(60);
    expect(model.rounds.length).toBeLessThanOrEqual(best);
  });

  it('stops by rows that count as much as those it learns from', async () => {
    const next = stream();
    const rows: Row[] = Array.from({ length: 1000 }, (_, at) => ({ occurredAt: at, label: Number(next() < 0.1), cells: [next()] }));
    const weights = Float32Array.from(rows, ({ label }) => (label === 1 ? 9 : 1));
    const frame = frameOf([number('x')], rows);
    const model = await fitBoostedTrees(frame, binary, { ...params, trees: 1, validationFraction: 0.2 }, { weights });
    const [scores] = scoreTrees({ ...model, rounds: model.rounds }, frame);
    let [sum, total] = [0, 0];
    for (let row = 800; row < 1000; row++) {
      const logit = (rows[row]!.label === 1 ? 1 : -1) * scores![row]!;
      sum += weights[row]! * Math.log1p(Math.exp(-logit));
      total += weights[row]!;
    }
    expect(model.validationLosses[0]).toBeCloseTo(sum / total, 9);
  });

  it('tells three classes apart', async () => {
    const next = stream();
    const rows: Row[] = Array.from({ length: 1500 }, (_, at) => {
      const x = next();
      return { occurredAt: at, label: x < 0.3 ? 0 : x < 0.6 ? 1 : 2, cells: [x, next()] };
    });
    const of = [number('x'), number('noise')];
    const model = await fitBoostedTrees(frameOf(of, rows), { task: 'multiclass', classCount: 3 }, params);
    const scores = scoreTrees(model, frameOf(of, rows));
    const right = rows.filter(({ label }, row) => [0, 1, 2].every((k) => scores[k]![row]! <= scores[label]![row]!)).length;
    expect(right / rows.length).toBeGreaterThan(0.99);
  });

  it('says the mean where no feature tells anything', async () => {
    const rows: Row[] = Array.from({ length: 200 }, (_, at) => ({ occurredAt: at, label: at, cells: [1] }));
    const model = await fitBoostedTrees(frameOf([number('same')], rows), regression, params);
    expect(model.rounds).toEqual([]);
    expect([...scoreTrees(model, frameOf([number('same')], rows.slice(0, 2)))[0]!]).toEqual([99.5, 99.5]);
  });

  it('lets rows count by their weight', async () => {
    const rows: Row[] = Array.from({ length: 400 }, (_, at) => ({ occurredAt: at, label: at % 4 === 0 ? 1 : 0, cells: [at % 2] }));
    const weights = Float32Array.from(rows, ({ label }) => (label === 1 ? 3 : 1));
    const frame = frameOf([number('x')], rows);
    const [plain, weighted] = await Promise.all([undefined, weights].map((of) => fitBoostedTrees(frame, binary, params, { weights: of })));
    expect(plain!.base[0]).toBeCloseTo(Math.log(100 / 300), 1);
    expect(weighted!.base[0]).toBeCloseTo(0, 1);
  });
});
