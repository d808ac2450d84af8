import type { DatasetManifest } from '@bascule/contracts';
import { describe, expect, it } from 'vitest';
import { missingColumns, rowOf } from './read-dataset.js';

const features = [
  { name: 'operator', kind: 'categorical' as const },
  { name: 'speed', kind: 'numeric' as const },
];
const label = { column: 'damaged', positive: [1] };
const record = { at: new Date(5), operator: 'ACME', speed: 120, damaged: 1n };

describe('rowOf', () => {
  it('reads the label whatever integer type the file used', () => {
    expect([1, 1n, '1', 0, 0n].map((damaged) => rowOf({ ...record, damaged }, features, label, 'at')?.label)).toEqual([1, 1, 1, 0, 0]);
  });

  it('leaves out records whose label is not known yet', () => {
    expect(rowOf({ ...record, damaged: null }, features, label, 'at')).toBeUndefined();
  });

  it('turns missing values into empty text and NaN', () => {
    expect(rowOf({ ...record, operator: null, speed: null }, features, label, 'at')?.cells).toEqual(['', Number.NaN]);
  });

  it('reads times as dates and as text', () => {
    expect(rowOf({ ...record, at: '1970-01-01T00:00:01Z' }, features, label, 'at')?.occurredAt).toBe(1000);
    expect(rowOf(record, features, label, 'at')?.occurredAt).toBe(5);
  });
});

describe('missingColumns', () => {
  it('names every column the dataset lacks or has in another type', () => {
    const column = { role: 'feature' as const, nullable: true };
    const manifest = { datasetName: 'd', columns: [{ ...column, name: 'speed', type: 'string' }] } as unknown as DatasetManifest;
    expect(missingColumns(manifest, features, label)).toEqual([
      'dataset d has no column operator',
      'column speed is string, not numeric',
      'dataset d has no label column damaged',
      'dataset d has no column with the role time',
    ]);
  });
});
