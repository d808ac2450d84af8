import { evaluationReport } from '@bascule/contracts';
import { describe, expect, it } from 'vitest';
import type { Target } from '../trainers/fitted-model.js';
import type { Row } from '../trainers/row.js';
import { buildReport } from './build-report.js';

const features = [{ name: 'region', kind: 'categorical' as const }];
const regionOf = (at: number) => (at >= 190 ? 'islands' : at % 2 === 0 ? 'north' : 'south');
const rowsOf = (labelOf: (at: number) => number): Row[] =>
  Array.from({ length: 200 }, (_, at) => ({ occurredAt: at, label: labelOf(at), cells: [regionOf(at)] }));
const reportOf = (target: Target, rows: Row[], scores: Float64Array, sensitive = ['region']) =>
  evaluationReport.parse(
    JSON.parse(
      JSON.stringify(
        buildReport({
          ...{
            modelName: 'm',
            trainer: 'prior',
            datasetVersion: 'a'.repeat(64),
            split: 'by time',
            folds: [],
            importance: [],
            leakChecks: [],
          },
          ...{ features, target, rows, scores, comparison: undefined, rule: { slices: [], sensitive, resamplings: 0 } },
        }),
      ),
    ),
  );

describe('groups of people', () => {
  it('fare class by class where there are several, each against all others', () => {
    const target: Target = { task: 'multiclass', classes: ['low', 'middle', 'high'] };
    const rows = rowsOf((at) => at % 3);
    // whoever lives in the south is never given "high", though a third of them should be
    const scores = Float64Array.from(
      rows.flatMap(({ label, cells }) => {
        const told = cells[0] === 'south' && label === 2 ? 0 : label;
        return [0, 1, 2].map((k) => (k === told ? 0.8 : 0.1));
      }),
    );
    const { fairness, errorFairness } = reportOf(target, rows, scores);
    expect(fairness.map((table) => [table.column, table.class])).toEqual(target.classes.map((name) => ['region', name]));
    const [low, middle, high] = fairness;
    const shareOf = (value: string) => high!.groups.find((group) => group.value === value)!;
    expect(shareOf('south')).toMatchObject({ selectionRate: 0, truePositiveRate: 0 });
    expect(shareOf('north')).toMatchObject({ truePositiveRate: 1, falsePositiveRate: 0 });
    expect([high!.equalOpportunityDifference, middle!.equalOpportunityDifference, low!.equalOpportunityDifference]).toEqual([1, 0, 0]);
    expect(low!.equalizedOddsDifference).toBeGreaterThan(0.4);
    expect(high!.leftOut).toEqual(['islands']);
    expect(errorFairness).toBeUndefined();
  });

  it('fare by how far a number told of them is off, and which way', () => {
    const rows = rowsOf((at) => 100 + at);
    const scores = Float64Array.from(rows, ({ label, cells }, at) => label + (cells[0] === 'south' ? 10 : at % 4 === 0 ? 2 : -2));
    const { fairness, errorFairness } = reportOf({ task: 'regression', classes: [] }, rows, scores);
    expect(fairness).toEqual([]);
    const [table] = errorFairness!;
    const [north, south] = ['north', 'south'].map((value) => table!.groups.find((group) => group.value === value)!);
    expect(south).toMatchObject({ meanError: 10, mae: 10, rmse: 10 });
    expect(north).toMatchObject({ mae: 2, rmse: 2 });
    expect(Math.abs(north!.meanError)).toBeLessThan(0.1);
    expect(table).toMatchObject({ column: 'region', maeDifference: 8, leftOut: ['islands'] });
    expect(table!.meanErrorDifference).toBeCloseTo(10 - north!.meanError, 12);
  });

  it('are not looked at where nobody says which column tells them', () => {
    const { fairness, errorFairness } = reportOf(
      { task: 'regression', classes: [] },
      rowsOf((at) => at),
      new Float64Array(200),
      [],
    );
    expect([fairness, errorFairness]).toEqual([[], undefined]);
  });
});
