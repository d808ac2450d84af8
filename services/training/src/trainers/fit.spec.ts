import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answerWithArtifact } from '../evaluation/onnx.runtime.js';
import type { Label } from '../evaluation/read-dataset.js';
import { fit, fitModel, scoreFitted } from './fit.js';
import { answersOf, writeOnnx } from './fitted-model.js';
import { frameOf } from './frame.js';
import type { Job } from './job.schema.js';
import type { Cell, Feature, Row } from './row.js';

const features: Feature[] = [
  { name: 'amount', kind: 'numeric', log: true, clip: { max: 1e7 } },
  { name: 'age', kind: 'numeric', monotone: 'increasing' },
  { name: 'region', kind: 'categorical' },
  { name: 'channel', kind: 'categorical', encode: 'frequency' },
  { name: 'insured', kind: 'boolean' },
  { name: 'reported_at', kind: 'datetime' },
  { name: 'narrative', kind: 'text' },
];

const words = ['hail', 'Glass', 'broken', 'deer', 'at', 'night', 'theft', 'of', 'RADIO'];
const days = 86_400;

/** Rows whose label has to do with all of their features. */
function rowsOf(count: number, labelOf: (signal: number) => number): Row[] {
  let state = 12_345;
  const next = () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state / 4_294_967_296;
  };
  return Array.from({ length: count }, (_, at) => {
    const region = ['north', 'south', 'east', ''][Math.floor(next() * 4)]!;
    const amount = next() < 0.1 ? Number.NaN : Math.exp(next() * 12) - 2;
    const age = next() < 0.05 ? Number.NaN : Math.floor(next() * 80);
    const time = 1e9 + Math.floor(next() * 3000) * days + Math.floor(next() * 24) * 3600;
    const text = Array.from({ length: Math.floor(next() * 6) }, () => words[Math.floor(next() * words.length)]!).join(' ');
    const insured = next() < 0.1 ? Number.NaN : Math.round(next());
    const signal =
      (region === 'north' ? 1 : 0) + (age > 40 ? 1 : 0) + (text.includes('deer') ? 1 : 0) + (insured === 1 ? 0.5 : 0) + 2 * next() - 2;
    return { occurredAt: at, label: labelOf(signal), cells: [amount, age, region, next() < 0.5 ? 'web' : 'phone', insured, time, text] };
  });
}

const binary: Label = { column: 'y', positive: [1] };
const classes: Label = { column: 'y', task: 'multiclass', positive: [], classes: ['low', 'middle', 'high'] };
const number: Label = { column: 'y', task: 'regression', positive: [] };
const rows = {
  binary: rowsOf(600, (signal) => Number(signal > 0)),
  multiclass: rowsOf(600, (signal) => (signal < -0.5 ? 0 : signal < 0.5 ? 1 : 2)),
  regression: rowsOf(600, (signal) => 4000 + 1500 * signal),
};
const jobOf = (trainer: string, label: Label, params: Job['params'] = {}) =>
  ({ trainer, label, params, features, modelName: 'm', split: {} }) as unknown as Job;

const extremes = [0, -0, 1, -1, 1e-30, -1e-30, 3.4e38, -3.4e38, Infinity, -Infinity, NaN, 16_777_217, 0.1];
const numberCell = fc.oneof(fc.float(), fc.constantFrom(...extremes), fc.integer({ min: -100, max: 100 }));
const textCell = fc.oneof(
  fc.constantFrom('', 'north', 'south', 'web', 'phone', 'NORTH', ' north', '\u0000', 'Stra\u00dfe', '\u{1f9a2}'),
  fc.string({ unit: 'grapheme', maxLength: 20 }),
);
const timeCell = fc.oneof(
  fc.integer({ min: -70_000_000_000, max: 260_000_000_000 }),
  fc.double({ min: -1e11, max: 1e11, noNaN: true }),
  fc.constantFrom(...extremes, 951_782_400, 951_868_799.999, -62_135_596_800, 253_402_300_799),
);
const narrativeCell = fc.oneof(
  fc.array(fc.constantFrom(...words, 'DEER', '\t', '  ', 'hail,', '\n'), { maxLength: 30 }).map((list) => list.join(' ')),
  textCell,
);
const cellsOf = fc.tuple(numberCell, numberCell, textCell, textCell, fc.constantFrom(0, 1, NaN), timeCell, narrativeCell) as fc.Arbitrary<
  Cell[]
>;

const cases: [string, Label, Row[], Job['params']][] = [
  ['logistic-regression', binary, rows.binary, {}],
  ['logistic-regression', binary, rows.binary, { l1: 2, classWeights: 'balanced', calibration: 'platt' }],
  ['logistic-regression', binary, rows.binary, { calibration: 'isotonic' }],
  ['logistic-regression', classes, rows.multiclass, { calibration: 'platt' }],
  ['linear-regression', number, rows.regression, { l1: 1 }],
  ['gradient-boosting', binary, rows.binary, { trees: 40 }],
  ['gradient-boosting', binary, rows.binary, { trees: 30, classWeights: 'balanced', calibration: 'isotonic' }],
  ['gradient-boosting', classes, rows.multiclass, { trees: 30, maxLeaves: 8 }],
  ['gradient-boosting', number, rows.regression, { trees: 40, validationFraction: 0 }],
  ['prior', classes, rows.multiclass, {}],
];

describe('the artifact of a built-in trainer', () => {
  it.each(cases)('%s of %j answers as the fitted model does, whatever the row', async (trainer, label, training, params) => {
    const { model } = await fitModel(jobOf(trainer, label, params), () => frameOf(features, training));
    const artifact = writeOnnx(model, { modelName: 'm', about: '' });
    await fc.assert(
      fc.asyncProperty(fc.array(cellsOf, { minLength: 1, maxLength: 60 }), async (strange) => {
        const asked = [...strange.map((cells) => ({ occurredAt: 0, label: 0, cells })), ...training.slice(0, 50)];
        const expected = answersOf(model, frameOf(features, asked));
        const answers = await answerWithArtifact(artifact, { features, rows: asked });
        expect(answers.length).toBe(expected.length);
        // of numbers: a share of the largest, since sums of large parts may come out small
        const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
        for (const [at, answer] of answers.entries()) expect(Math.abs(answer - expected[at]!)).toBeLessThanOrEqual(1e-5 * largest);
      }),
      { numRuns: 25, seed: 20_011 },
    );
  });

  it.each(cases)('%s of %j has the same bytes for the same rows and parameters', async (trainer, label, training, params) => {
    const write = async () => {
      const { model } = await fitModel(jobOf(trainer, label, params), () => frameOf(features, training));
      return Buffer.from(writeOnnx(model, { modelName: 'm', about: '' }));
    };
    expect((await write()).equals(await write())).toBe(true);
  });
});

const missingOf = ({ kind }: Feature): Cell => (kind === 'categorical' || kind === 'text' ? '' : Number.NaN);

describe.each(['logistic-regression', 'gradient-boosting', 'prior'])('%s of one feature alone', (trainer) => {
  it.each(features.flatMap((feature, at) => [false, true].map((isMissing) => ({ kind: feature.kind, isMissing, feature, at }))))(
    'answers as the fitted model does: $kind, nothing known: $isMissing',
    async ({ feature, at, isMissing }) => {
      const only = rows.binary.map((row) => ({ ...row, cells: [isMissing ? missingOf(feature) : row.cells[at]!] }));
      const job = { ...jobOf(trainer, binary, trainer === 'gradient-boosting' ? { trees: 5 } : {}), features: [feature] };
      const { model } = await fitModel(job, () => frameOf(job.features, only));
      const artifact = writeOnnx(model, { modelName: 'm', about: '' });
      const asked = [...only.slice(0, 5), { occurredAt: 0, label: 0, cells: [rows.binary[7]!.cells[at]!] }];
      const answers = await answerWithArtifact(artifact, { features: job.features, rows: asked });
      const expected = answersOf(model, frameOf(job.features, asked));
      expect(answers.length).toBe(6);
      for (const [row, answer] of answers.entries()) expect(answer).toBeCloseTo(expected[row]!, 5);
    },
  );
});

const fitAt = async (job: Job, all: readonly Row[], at: number) => scoreFitted(job, await fit(job, all.slice(0, at)), all.slice(at));

it('a label with a list of two classes has a probability for each', async () => {
  const two: Label = { column: 'y', task: 'multiclass', positive: [], classes: ['low', 'high'] };
  const { scores } = await fitAt(jobOf('logistic-regression', two), rows.binary, 450);
  expect(scores.length).toBe(2 * 150);
  expect(scores[0]! + scores[1]!).toBeCloseTo(1, 5);
});

it('folds measure what is served: calibrated as it is', async () => {
  const job = jobOf('logistic-regression', binary, { classWeights: 'balanced', calibration: 'platt' });
  const rare = rowsOf(900, (signal) => Number(signal > 1.5));
  const { folds = [] } = await fitAt({ ...job, split: { holdoutFraction: 0.3, folds: 3 } }, rare, 700);
  expect(folds).toHaveLength(3);
  for (const { measures } of folds) expect(measures.find(({ name }) => name === 'ece')!.value).toBeLessThan(0.1);
});
