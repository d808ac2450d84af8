import type { EvaluationReport, Fairness } from '@bascule/contracts';
import { expect, it } from 'vitest';
import { evidenceOfReport } from './run-evidence.js';

const table = (of: Partial<Fairness>): Fairness => ({
  column: 'region',
  groups: [{ rowCount: 60 }, { rowCount: 40 }] as Fairness['groups'],
  demographicParityDifference: null,
  demographicParityRatio: null,
  equalizedOddsDifference: null,
  equalOpportunityDifference: null,
  leftOut: [],
  ...of,
});
const evidenceOf = (fairness: Fairness[]) => evidenceOfReport({ reliability: [], fairness } as unknown as EvaluationReport);

it('takes a model of several classes for as fair as it is about the class where it is least', () => {
  const tables = [
    table({ class: 'low', equalizedOddsDifference: 0.05, demographicParityDifference: 0.2 }),
    table({ class: 'middle', equalizedOddsDifference: 0.3 }),
    table({ class: 'high', equalizedOddsDifference: 0.1, demographicParityDifference: 0.1 }),
  ];
  const about = { kind: 'fairness', attribute: 'region', rowCount: 100 };
  expect(evidenceOf(tables)).toEqual([
    { ...about, metric: 'demographicParityDifference', difference: 0.2 },
    { ...about, metric: 'equalizedOddsDifference', difference: 0.3 },
  ]);
});

it('keeps columns apart, and takes what is not told for no evidence', () => {
  const tables = [table({ equalOpportunityDifference: 0 }), table({ column: 'age' })];
  expect(evidenceOf(tables)).toEqual([
    { kind: 'fairness', attribute: 'region', metric: 'equalOpportunityDifference', difference: 0, rowCount: 100 },
  ]);
});
