import { describe, expect, it } from 'vitest';
import { paceOf } from '../batch-jobs/job-progress.js';
import { featureColumns } from './feature-columns.js';
import { rowReader } from './read-row.js';

const now = Date.UTC(2020, 0, 1);
const picker = (names: readonly string[]) => (row: { record: Record<string, unknown> }) => names.map((name) => row.record[name]);
const columns = { features: [{ feature: 'speed', column: 'kmh' }], idColumn: 'id', occurredAtColumn: 'at' };
const read = (record: Record<string, unknown>) => rowReader({ picker }, columns, now)({ record }, 7);

describe('a row of an input', () => {
  it('is read with its id and its time; a time without a zone is UTC', () => {
    const row = { number: 7, recordId: '12', cells: [5] };
    expect(read({ kmh: 5, id: 12n, at: '1999-02-01T10:00:00+02:00' })).toEqual({ ...row, occurredAtMs: Date.UTC(1999, 1, 1, 8) });
    expect(read({ kmh: 5, id: '12', at: '1999-02-01 10:00' })).toEqual({ ...row, occurredAtMs: Date.UTC(1999, 1, 1, 10) });
    expect(read({ kmh: 5, id: '12', at: new Date(0) })).toEqual({ ...row, occurredAtMs: 0 });
    expect(read({ kmh: 5, id: '12', at: '' })).toEqual({ ...row, occurredAtMs: null });
  });

  it('whose id or time nobody could store is bad, and says why', () => {
    expect(read({ id: 'a\0', at: '' }).fault).toMatch(/NUL/);
    expect(read({ id: 'x'.repeat(201), at: '' }).fault).toMatch(/200/);
    expect(read({ id: {}, at: '' }).fault).toMatch(/neither text nor a number/);
    expect(read({ id: 'a', at: 'soon' }).fault).toMatch(/ISO 8601/);
    expect(read({ id: 'a', at: '2030-01-01' }).fault).toMatch(/future/);
    expect(rowReader({ picker }, columns, now)({ record: {}, fault: { message: 'ragged' } } as never, 1).fault).toBe('ragged');
    const ragged = { record: { id: 'r-7' }, fault: { message: 'ragged' } };
    expect(rowReader({ picker }, columns, now)(ragged as never, 1)).toMatchObject({ recordId: 'r-7', fault: 'ragged' });
    const nameless = { record: { id: 'a\0' }, fault: { message: 'ragged' } };
    expect(rowReader({ picker }, columns, now)(nameless as never, 1)).toMatchObject({ recordId: '', fault: 'ragged' });
  });
});

describe('the columns of an input', () => {
  const signature = {
    inputs: [
      { name: 'wide', datatype: 'FP32' as const, shape: [-1, 2], columns: ['a', 'b'] },
      { name: 'text', datatype: 'BYTES' as const, shape: [-1, 1] },
    ],
    outputs: [{ name: 'y', datatype: 'FP32' as const, shape: [-1, 1] }],
  };

  it('are found by name or as the mapping says; wide inputs by their columns or as a list', () => {
    const one = (feature: string, column = feature) => ({ feature, column });
    expect(featureColumns(signature, { text: 'T' }, ['a', 'b', 'T', 'more'])).toEqual({ columns: [one('a'), one('b'), one('text', 'T')] });
    expect(featureColumns(signature, {}, ['wide', 'text'])).toEqual({ columns: [one('wide'), one('text')] });
    expect(featureColumns(signature, {}, ['a', 'text'])).toEqual({ missing: ['b'] });
    expect(featureColumns(signature, { other: 'T' }, ['a', 'b', 'text'])).toEqual({ missing: ['other'] });
  });
});

describe('the progress of a job', () => {
  it('tells a rate as soon as there is one, and the time left once the rows are counted', () => {
    expect(paceOf({ rows: 0, seconds: 10 }, 0, 100)).toEqual({ rowsPerSecond: null, secondsLeft: null });
    expect(paceOf({ rows: 500, seconds: 10 }, 500, null)).toEqual({ rowsPerSecond: 50, secondsLeft: null });
    expect(paceOf({ rows: 500, seconds: 10 }, 500, 1_001)).toEqual({ rowsPerSecond: 50, secondsLeft: 11 });
  });
});
