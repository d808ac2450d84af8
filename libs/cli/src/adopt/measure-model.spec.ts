import { referenceProfile } from '@bascule/contracts';
import { describe, expect, it } from 'vitest';
import { doubtsAbout, unansweredRows } from './doubts.js';
import { draftGates } from './draft-gates.js';
import { draftProfile } from './draft-profile.js';
import { mapInputs } from './map-inputs.js';
import { answeredRows, type Measured, measureModel, pickRows } from './measure-model.js';

const two = (...yes: number[]) => ({ name: 'probabilities', shape: [yes.length, 2], data: yes.flatMap((p) => [1 - p, p]) });

describe('the answers of a model', () => {
  it('are held against a target of two values', () => {
    const measured = measureModel([two(0.9, 0.2, 0.6, 0.1)], ['yes', 'no', 'no', 'no']) as Measured;
    expect(measured).toMatchObject({ task: 'binary', positive: 'yes', labels: [1, 0, 0, 0], metrics: { auc: 1, accuracy: 0.75 } });
    expect((measureModel([two(0.9, 0.2)], ['a', 'b'], 'a') as Measured).labels).toEqual([1, 0]);
    expect(measureModel([two(0.9, 0.2)], ['a', 'b'], 'c')).toContain('never is c');
    const single = { name: 'p', shape: [2, 1], data: [0.7, 0.4] };
    expect((measureModel([single], ['1', '0']) as Measured).metrics).toMatchObject({ auc: 1 });
  });

  it('tell by their own label what the probability is of', () => {
    const label = { name: 'label', shape: [4], data: [2, 1, 2, 1] };
    expect(measureModel([label, two(0.9, 0.2, 0.8, 0.1)], ['2', '1', '1', '1'])).toMatchObject({ positive: '2', metrics: { auc: 1 } });
    expect(measureModel([{ ...label, data: [1, 2, 1, 2] }, two(0.9, 0.2, 0.8, 0.1)], ['1', '2', '2', '2'])).toMatchObject({
      positive: '1',
    });
    // sums of many trees in single precision
    const sums = { name: 'p', shape: [2, 2], data: [0, 1.0000001192, 0.8, 0.2] };
    expect(measureModel([sums], ['yes', 'no'])).toMatchObject({ task: 'binary', scores: [1, 0.2] });
  });

  it('are left out where the model has no number, and what is missing there is named', () => {
    const outputs = [{ name: 'p', shape: [3, 2], data: [0.1, 0.9, null, null, 0.8, 0.2] }];
    expect(answeredRows(outputs, 3)).toEqual([0, 2]);
    expect(pickRows(outputs, [0, 2])).toEqual([{ name: 'p', shape: [2, 2], data: [0.1, 0.9, 0.8, 0.2] }]);
    const graph = { inputs: ['age', 'risk'].map((name) => ({ name, datatype: 'FP32' as const, shape: [-1, 1] })), outputs: [] };
    const data = { columns: ['age', 'y'], rows: [['1', '0'], ['', '1'], ['3', '1']] }; // biome-ignore format: a table
    const mapped = mapInputs(graph, data.columns, 'y', ['age']);
    expect(unansweredRows(mapped, data, [0, 1, 2])).toEqual([]);
    const [some] = unansweredRows({ ...mapped, feeds: mapped.feeds.slice(0, 1) }, data, [0, 2]);
    expect(some).toMatchObject({ isBlocking: false, what: 'the model answers NaN for 1 of 3 rows, where age is missing' });
    const [all] = unansweredRows(mapped, data, []);
    expect(all).toMatchObject({
      isBlocking: true,
      what: 'the model answers NaN for every row, where risk, age are missing',
      remedy: expect.stringContaining('add risk to the file'),
    });
  });

  it('raise a doubt when they rank the wrong way round', () => {
    const measured = measureModel([two(0.1, 0.8, 0.7)], ['yes', 'no', 'no']) as Measured;
    expect(doubtsAbout(measured)).toMatchObject([{ what: 'the model ranks yes the wrong way round: auc 0.00', isBlocking: false }]);
    expect(doubtsAbout({ ...measured, metrics: { auc: 0.6 } })).toEqual([]);
  });

  it('are held against classes and against numbers', () => {
    const label = { name: 'label', shape: [3], data: ['a', 'b', 'c'] };
    expect(measureModel([label], ['a', 'b', 'b'])).toMatchObject({ task: 'multiclass', metrics: { accuracy: 2 / 3 } });
    const yesOrNo = measureModel([{ ...label, data: ['a', 'b', 'a'] }], ['a', 'b', 'b']) as Measured;
    expect(yesOrNo).toMatchObject({ task: 'binary', metrics: { accuracy: 2 / 3 } });
    expect(draftGates(yesOrNo, undefined, 'staging').metrics.floors).toEqual({ accuracy: expect.closeTo(0.6367) });
    const values = Array.from({ length: 30 }, (_, row) => row * 1.5);
    const predicted = { name: 'y', shape: [30, 1], data: values.map((value) => value + 1) };
    expect(measureModel([predicted], values.map(String))).toMatchObject({ task: 'regression', metrics: { rmse: 1, mae: 1 } });
    expect(measureModel([label], values.map(String))).toContain('no output is one number per row');
    expect(measureModel([label], ['x', 'y', 'z'])).toMatch(/which are x, y, z; label answers a, b, c$/);
  });
});

describe('the drafts', () => {
  const mapping = mapInputs(
    {
      inputs: [
        { name: 'speed', datatype: 'FP32', shape: [-1, 1] },
        { name: 'airport', datatype: 'BYTES', shape: [-1, 1] },
      ],
      outputs: [],
    },
    ['speed', 'airport', 'y'],
    'y',
    undefined,
  );
  const rows = [
    ['1', 'KJFK', '1'],
    ['', 'KJFK', '0'],
    ['3', 'EDDF', '0'],
    ['4', '', '0'],
  ];
  const data = {
    columns: ['speed', 'airport', 'y'],
    rows,
    digest: 'a'.repeat(64),
    changedAt: new Date('2026-01-01T00:00:00Z'),
    isCut: false,
  };
  const measured = measureModel([two(0.9, 0.2, 0.6, 0.1)], ['1', '0', '0', '0']) as Measured;

  it('have a profile of every input and of the predictions', () => {
    const profile = referenceProfile.parse(draftProfile('claims', data, mapping, measured));
    expect(profile.features).toMatchObject([
      { name: 'speed', kind: 'numeric', missing: 1, min: 1, max: 4 },
      {
        name: 'airport',
        kind: 'categorical',
        missing: 1,
        categories: [
          { value: 'KJFK', count: 2 },
          { value: 'EDDF', count: 1 },
        ],
      },
    ]);
    expect(profile.prediction.counts.reduce((sum, count) => sum + count, 0)).toBe(4);
    expect(profile.performance).toMatchObject({ rowCount: 4, positiveCount: 1, auc: 1 });
  });

  it('have gates a little below what the model showed', () => {
    const gates = draftGates({ ...measured, metrics: { auc: 0.8, logLoss: 0.4 } }, 0.5, 'staging');
    expect(gates).toEqual({
      metrics: { floors: { auc: 0.77 }, ceilings: { logLoss: 0.44 } },
      probe: { rows: 1, maxP95Ms: 2.5 },
      approvals: { production: [{ role: 'approver', count: 1 }], staging: [] },
    });
  });
});
