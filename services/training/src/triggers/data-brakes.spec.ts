import { describe, expect, it } from 'vitest';
import { triggers } from '../pipelines/triggers.schema.js';
import { findDataBrakes } from './data-brakes.js';
import type { DataFacts } from './situation.js';

const rules = triggers.parse({}).dataChecks;
const sound: DataFacts = {
  uncheckedBatches: [],
  recordCount: 1000,
  quarantinedCount: 20,
  duplicateCount: 10,
  labelsBefore: { rowCount: 3000, positiveCount: 300 },
  labelsSince: { rowCount: 1000, positiveCount: 130 },
  selections: { all: 900, investigator: 100 },
};
const textsOf = (facts: Partial<DataFacts>) => findDataBrakes({ ...sound, ...facts }, rules).map(({ text }) => text);

describe('the rules on new data', () => {
  it('have nothing against sound data', () => {
    expect(textsOf({})).toEqual([]);
  });

  it('wait for checks that are under way', () => {
    expect(textsOf({ uncheckedBatches: ['b1'] })).toEqual(['the checks of batch b1 are still under way']);
  });

  it('refuse data of which too many records failed their checks', () => {
    expect(textsOf({ quarantinedCount: 201 })).toEqual([
      'the new data failed their checks: 20 % of 1000 records went to quarantine, 20 % may',
    ]);
    expect(textsOf({ quarantinedCount: 200 })).toEqual([]);
  });

  it('refuse data that mostly repeat themselves', () => {
    expect(textsOf({ duplicateCount: 600 })[0]).toContain('look poisoned: 60 % of 1000 records repeat others');
  });

  it('refuse labels that turned over', () => {
    expect(textsOf({ labelsSince: { rowCount: 1000, positiveCount: 900 } })).toEqual([
      'the new data look poisoned or mislabelled: 90 % of 1000 new labels are positive, 10 % were before',
    ]);
  });

  it('refuse labels of several classes, or numbers, that turned over, and say which', () => {
    expect(textsOf({ labelName: 'above 250', labelsSince: { rowCount: 1000, positiveCount: 980 } })[0]).toBe(
      'the new data look poisoned or mislabelled: 98 % of 1000 new labels are above 250, 10 % were before',
    );
  });

  it('take no shift for poison that so few rows explain, or that is small', () => {
    expect(textsOf({ labelsSince: { rowCount: 99, positiveCount: 99 } })).toEqual([]);
    expect(textsOf({ labelsSince: { rowCount: 100_000, positiveCount: 30_000 } })).toEqual([]);
  });

  it('refuse labels of cases that were picked, and name who picked them', () => {
    expect(textsOf({ selections: { all: 100, investigator: 200, complaint: 100 } })[0]).toContain(
      '75 % of 400 labels since the last training are of cases picked by investigator, complaint',
    );
    expect(textsOf({ selections: { unknown: 100, random: 100, 'model-decision': 150 } })).toEqual([]);
    expect(textsOf({ selections: { investigator: 99 } })).toEqual([]);
  });
});
