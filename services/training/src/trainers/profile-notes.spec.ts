import type { ColumnProfile, DatasetProfile } from '@bascule/contracts';
import { describe, expect, it } from 'vitest';
import { profileNotes } from './profile-notes.js';

const column = (name: string, over: Partial<ColumnProfile> = {}): ColumnProfile => ({
  ...{ name, type: 'number', role: 'feature', nullable: true },
  ...{ count: 1000, missing: 0, distinct: 40, isApproximate: false },
  ...over,
});
const profile = (columns: ColumnProfile[], over: Partial<DatasetProfile> = {}): DatasetProfile => ({
  ...{ schemaVersion: 1, datasetName: 'claims', datasetVersion: 'a'.repeat(64) },
  ...{ rowCount: 1000, labelledCount: 1000, labelledShare: 1, columns },
  ...over,
});
const bias = (psi: number) => ({ labelBias: { psi, labelledMissing: 0, unlabelledMissing: 0 } });
const halfLabelled = { labelledCount: 500, labelledShare: 0.5 };

describe('what a profile says against learning from its data', () => {
  it('is nothing where the data are as they were', () => {
    const same = profile([column('age', { count: 950, missing: 50, ...bias(0.24) })], halfLabelled);
    expect(profileNotes(same, ['age'], same)).toEqual([]);
  });

  it('names features without a value, and with one value only, but no other columns', () => {
    const empty = profile([
      column('age', { count: 0, missing: 1000, distinct: 0 }),
      column('region', { distinct: 1 }),
      column('note', { distinct: 1 }),
      column('flag', { distinct: 1, count: 10, missing: 990 }),
      column('reported_at', { type: 'timestamp', distinct: 1 }),
    ]);
    expect(profileNotes(empty, ['age', 'region', 'flag', 'reported_at'])).toEqual([
      'age has no value in any row',
      'region has the same value in all rows',
    ]);
  });

  it('names features of which more is missing than in the data learnt from before', () => {
    const before = profile([column('age', { count: 980, missing: 20 }), column('region')]);
    const now = profile([column('age', { count: 650, missing: 350 }), column('region', { count: 900, missing: 100 })]);
    expect(profileNotes(now, ['age', 'region'], before)).toEqual([
      'age is missing in 35 % of the rows; in the data learnt from before it was in 2.0 %',
    ]);
    expect(profileNotes(now, ['age', 'region'])).toEqual([]);
  });

  it('says how labelled rows are unlike the others, the most unlike first', () => {
    const chosen = profile([column('age', bias(0.3)), column('income', bias(0.41)), column('region', bias(0.25))], halfLabelled);
    expect(profileNotes(chosen, ['age', 'income', 'region'])).toEqual([
      '50 % of the rows have a label, and they are unlike those without one in income (PSI 0.41), age (PSI 0.30)',
    ]);
  });

  it('is nothing where rows are too few to tell', () => {
    expect(profileNotes(profile([column('age', { count: 0, missing: 99 })], { rowCount: 99 }), ['age'])).toEqual([]);
    const few = profile([column('age', bias(2))], { labelledCount: 499, labelledShare: 0.499 });
    expect(profileNotes(few, ['age'])).toEqual([]);
    const now = profile([column('age', { count: 500, missing: 500 })]);
    expect(profileNotes(now, ['age'], profile([column('age', { count: 90 })], { rowCount: 90 }))).toEqual([]);
  });
});
