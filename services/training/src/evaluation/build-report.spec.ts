import { evaluationReport } from '@bascule/contracts';
import { seededRandom } from '@bascule/stats';
import { absent, readReference } from '@bascule/testing/reference-data';
import { describe, expect, it } from 'vitest';
import type { Target } from '../trainers/fitted-model.js';
import type { Feature, Row } from '../trainers/row.js';
import { RowStore } from '../trainers/row-store.js';
import { buildReport } from './build-report.js';
import { fairnessOf } from './fairness.js';
import { leakChecksOf } from './leak-checks.js';
import { Measurer } from './measurer.js';
import { measuresOf } from './performance.js';

const random = seededRandom(13);
const features: Feature[] = [
  { name: 'age', kind: 'numeric' },
  { name: 'region', kind: 'categorical' },
  { name: 'sex', kind: 'categorical' },
];
const rows: Row[] = Array.from({ length: 800 }, (_, at) => {
  const age = random() < 0.05 ? Number.NaN : Math.floor(random() * 60);
  const label = Number(random() < (age > 30 ? 0.7 : 0.2));
  return { occurredAt: at * 1000, label, cells: [age, random() < 0.5 ? 'north' : 'south', random() < 0.4 ? 'f' : 'm'] };
});
const scores = Float64Array.from(rows, ({ cells }) => (Number(cells[0]) > 30 ? 0.6 : 0.25) + 0.1 * random());
const about = {
  modelName: 'm',
  trainer: 'logistic-regression',
  datasetVersion: 'a'.repeat(64),
  split: 'by time',
  folds: [],
  importance: [],
  comparison: undefined,
};
const rule = { slices: ['age', 'region'], sensitive: ['sex'], resamplings: 50 };
const binary: Target = { task: 'binary', classes: ['0', '1'] };
const reportOf = (target = binary, of = scores, given = rows) =>
  buildReport({ ...about, target, features, rows: given, scores: of, rule, leakChecks: [] });

describe('buildReport', () => {
  const report = reportOf();

  it('fits its contract, and is the same again', () => {
    expect(evaluationReport.parse(JSON.parse(JSON.stringify(report)))).toEqual(JSON.parse(JSON.stringify(report)));
    expect(reportOf()).toEqual(report);
  });

  it('gives every measure an interval around it', () => {
    expect(report.measures.map(({ name }) => name)).toEqual([
      'auc',
      'averagePrecision',
      'logLoss',
      'brier',
      'ece',
      'accuracy',
      'f1Macro',
      'f1Weighted',
    ]);
    for (const { name, value, interval } of report.measures.filter(({ name }) => name !== 'ece')) {
      expect(interval![0], name).toBeLessThan(value);
      expect(interval![1], name).toBeGreaterThan(value);
    }
  });

  it('accounts for every row in the confusion and in the slices of a column', () => {
    expect(report.confusion!.flat().reduce((sum, count) => sum + count, 0)).toBe(rows.length);
    const regions = report.slices.filter(({ column }) => column === 'region');
    expect(regions.reduce((sum, { rowCount }) => sum + rowCount, 0)).toBe(rows.length);
    expect(report.slices.filter(({ column }) => column === 'age').map(({ value }) => value)).toContain('(missing)');
  });

  it('draws curves from one corner to the other', () => {
    expect(report.curves!.roc[0]).toEqual([0, 0]);
    expect(report.curves!.roc.at(-1)).toEqual([1, 1]);
    expect(report.curves!.roc.length).toBeLessThanOrEqual(201);
  });

  it('describes numbers and several classes as well', () => {
    const numbers = reportOf({ task: 'regression', classes: [] });
    expect(numbers.measures.map(({ name }) => name)).toEqual(['mae', 'rmse', 'quantileLoss50', 'quantileLoss90']);
    expect(numbers).toMatchObject({ confusion: null, curves: null, fairness: [] });
    const three = Float64Array.from(rows.flatMap(({ label }) => (label === 0 ? [0.5, 0.3, 0.2] : [0.2, 0.5, 0.3])));
    const classes = reportOf({ task: 'multiclass', classes: ['a', 'b', 'c'] }, three);
    expect(classes.measures.find(({ name }) => name === 'accuracy')!.value).toBe(1);
    expect(evaluationReport.safeParse(JSON.parse(JSON.stringify(classes))).success).toBe(true);
  });
});

describe('the quick measurer of resamplings', () => {
  const labels = rows.map(({ label }) => label);
  const three: Target = { task: 'multiclass', classes: ['a', 'b', 'c'] };
  const probabilities = Float64Array.from(
    rows.flatMap(() => {
      const parts = [random(), random(), random()];
      return parts.map((part) => part / (parts[0]! + parts[1]! + parts[2]!));
    }),
  );
  const cases: [string, Target, Float64Array, number[]][] = [
    ['two classes', binary, scores, labels],
    ['scores with ties', binary, scores.map((score) => Math.round(score * 10) / 10), labels],
    ['three classes', three, probabilities, rows.map((_, at) => at % 3)],
    ['numbers', { task: 'regression', classes: [] }, scores, labels],
  ];

  it.each(cases)('gives the published measures of %s when every row counts once', (_, target, of, truth) => {
    const quick = new Measurer(of, truth, target).measure(new Int32Array(truth.length).fill(1));
    const slow = measuresOf(of, truth, target);
    // the log loss of a comparison cuts off earlier
    for (const [name, value] of Object.entries(slow)) expect(quick[name], name).toBeCloseTo(value, 9);
  });

  it.each(cases)('gives those of %s when rows stand there several times', (_, target, of, truth) => {
    const counts = Int32Array.from(truth, (_, at) => at % 3);
    const drawn = [...counts].flatMap((count, at) => new Array<number>(count).fill(at));
    const width = of.length / truth.length;
    const repeated = Float64Array.from(drawn.flatMap((at) => [...of.subarray(at * width, (at + 1) * width)]));
    const slow = measuresOf(
      repeated,
      drawn.map((at) => truth[at]!),
      target,
    );
    const quick = new Measurer(of, truth, target).measure(counts);
    for (const [name, value] of Object.entries(slow)) expect(quick[name], name).toBeCloseTo(value, 9);
  });
});

interface Published {
  y_true: number[];
  y_pred: number[];
  sensitive: string[];
  unweighted: {
    groups: Record<string, Record<string, number>>;
    demographic_parity_difference: number;
    demographic_parity_ratio_min_over_max: number;
    equal_opportunity_difference: number;
    equalized_odds_difference_worst_case: number;
  };
}
const file = 'vectors/fairness_reference.json';
const missing = absent(file);
describe.skipIf(missing)(`Fairlearn's figures${missing}`, () => {
  const nothing = { y_true: [], y_pred: [], sensitive: [], unweighted: { groups: {} } };
  const { fairlearn_test_arrays: published } = readReference(file, { fairlearn_test_arrays: nothing } as unknown as {
    fairlearn_test_arrays: Published;
  });

  it('are those of our groups and their differences', () => {
    const fairness = fairnessOf('sensitive', published.sensitive, {
      scores: published.y_pred,
      labels: published.y_true,
      chosen: published.y_pred,
    });
    for (const group of fairness.groups) {
      const expected = published.unweighted.groups[group.value]!;
      const pairs = [
        [group.rowCount, expected['n']],
        [group.selectionRate, expected['selection_rate']],
        [group.baseRate, expected['base_rate']],
        [group.accuracy, expected['accuracy']],
        [group.truePositiveRate, expected['tpr']],
        [group.falsePositiveRate, expected['fpr']],
        [group.precision, expected['precision']],
      ];
      for (const [own, other] of pairs) expect(own).toBeCloseTo(other!, 12);
    }
    const { unweighted } = published;
    expect(fairness.demographicParityDifference).toBeCloseTo(unweighted.demographic_parity_difference, 12);
    expect(fairness.demographicParityRatio).toBeCloseTo(unweighted.demographic_parity_ratio_min_over_max, 12);
    expect(fairness.equalOpportunityDifference).toBeCloseTo(unweighted.equal_opportunity_difference, 12);
    expect(fairness.equalizedOddsDifference).toBeCloseTo(unweighted.equalized_odds_difference_worst_case, 12);
  });
});

describe('leak checks', () => {
  const half = { training: rows.slice(0, 500), holdout: rows.slice(500) };
  const outcomes = (parts = half, of = features) =>
    Object.fromEntries(leakChecksOf(parts, of, binary).map(({ check, outcome }) => [check, outcome]));
  const clean = { 'target-in-features': 'clean', 'future-time': 'clean' };
  const withCell = (cellOf: (row: Row) => string | number) => {
    const more = (row: Row) => ({ ...row, cells: [...row.cells, cellOf(row)] });
    return { training: half.training.map(more), holdout: half.holdout.map(more) };
  };

  it('find nothing where there is nothing', () => expect(outcomes(withCell(({ occurredAt }) => occurredAt))).toMatchObject(clean));

  it('find a feature that is the label, as a number and as text', () => {
    const number = outcomes(
      withCell(({ label }) => 5 - label),
      [...features, { name: 'paid', kind: 'numeric' }],
    );
    const text = outcomes(
      withCell(({ label }) => `status ${label}`),
      [...features, { name: 'status', kind: 'categorical' }],
    );
    expect([number, text]).toMatchObject([{ 'target-in-features': 'leak' }, { 'target-in-features': 'leak' }]);
  });

  it('find a feature that is missing for one answer only', () =>
    expect(
      outcomes(
        withCell(({ label, occurredAt }) => (label === 1 ? Number.NaN : occurredAt)),
        [...features, { name: 'settled', kind: 'numeric' }],
      ),
    ).toMatchObject({ 'target-in-features': 'leak' }));

  it('find the number that is to be told, as a store keeps it', () => {
    const of: Feature[] = [{ name: 'paid', kind: 'numeric' }];
    const store = new RowStore(of);
    for (let at = 0; at < 200; at++) store.add({ occurredAt: at, label: at + 0.1, cells: [at + 0.1] });
    const stored = store.rows();
    const [check] = leakChecksOf({ training: stored.slice(0, 150), holdout: stored.slice(150) }, of, { task: 'regression', classes: [] });
    expect(check).toMatchObject({ check: 'target-in-features', outcome: 'leak' });
  });

  it('find a feature that gives one of several classes away, and none where none does', () => {
    const classed = (cellOf: (label: number, at: number) => string | number) => {
      const of = (part: readonly Row[]) =>
        part.map((row, at) => {
          const label = at % 3;
          return { ...row, label, cells: [...row.cells, cellOf(label, at)] };
        });
      return { training: of(half.training), holdout: of(half.holdout) };
    };
    const three: Target = { task: 'multiclass', classes: ['a', 'b', 'c'] };
    const of = (kind: Feature['kind']): Feature[] => [...features, { name: 'closed', kind }];
    const [told] = leakChecksOf(
      classed((label, at) => (label === 2 ? at : Number.NaN)),
      of('numeric'),
      three,
    );
    expect(told).toMatchObject({
      outcome: 'leak',
      reasons: [expect.stringMatching(/^feature closed alone .* one class against the others/)],
    });
    const [named] = leakChecksOf(
      classed((label) => `status ${label === 1}`),
      of('categorical'),
      three,
    );
    expect(named!.outcome).toBe('leak');
    const [clean] = leakChecksOf(
      classed((_, at) => at % 7),
      of('numeric'),
      three,
    );
    expect(clean!.outcome).toBe('clean');
  });

  it('say what they did not look at, and never that it is clean', () => {
    const many = { training: new Array<Row>(1_000_000).fill(rows[0]!), holdout: [rows[1]!] };
    const [, duplicates] = leakChecksOf(many, [], { task: 'regression', classes: [] });
    expect(duplicates).toMatchObject({ outcome: 'not-checked', reasons: [expect.stringMatching(/too many rows/)] });
    const wide = Array.from({ length: 1_001 }, (_, at): Feature => ({ name: `f${at}`, kind: 'numeric' }));
    const [ranked] = leakChecksOf(many, wide, binary);
    expect(ranked).toMatchObject({ outcome: 'not-checked', reasons: [expect.stringMatching(/too many rows, features/)] });
    const [few] = leakChecksOf({ training: rows.slice(0, 60), holdout: [rows[1]!] }, features, {
      task: 'multiclass',
      classes: ['a', 'b', 'c', 'd'],
    });
    expect(few!.outcome).not.toBe('leak');
    expect(evaluationReport.safeParse({ ...reportOf(), leakChecks: [ranked, duplicates] }).success).toBe(true);
  });

  it('find training rows among the hold-out whatever stands beside their features', () => {
    const beside = (part: readonly Row[], word: string) => part.map((row, at) => ({ ...row, cells: [...row.cells, `${word} ${at}`] }));
    const parts = { training: beside(half.training, 'a'), holdout: beside([...half.holdout, ...half.training], 'b') };
    expect(outcomes(parts)).toMatchObject({ 'duplicates-across-splits': 'leak' });
  });

  it('find training rows among the hold-out', () =>
    expect(outcomes({ training: half.training, holdout: [...half.holdout, ...half.training] })).toMatchObject({
      'duplicates-across-splits': 'leak',
    }));

  it('find a time that lies after the record, and a split that mixes times', () => {
    const times: Feature[] = [...features, { name: 'settled_at', kind: 'datetime' }];
    expect(
      outcomes(
        withCell(({ occurredAt }) => occurredAt / 1000 - 5),
        times,
      ),
    ).toMatchObject(clean);
    expect(
      outcomes(
        withCell(({ occurredAt }) => occurredAt / 1000 + 5),
        times,
      ),
    ).toMatchObject({ 'future-time': 'leak' });
    expect(outcomes({ training: half.holdout, holdout: half.training })).toMatchObject({ 'future-time': 'suspect' });
  });
});
