import type { DatasetManifest } from '@bascule/contracts';
import { describe, expect, it } from 'vitest';
import { cellOf, labelOf, missingColumns, timeOf } from './read-dataset.js';

const features = [
  { name: 'operator', kind: 'categorical' as const },
  { name: 'speed', kind: 'numeric' as const },
];
const label = { column: 'damaged', positive: [1] };

describe('values of a file', () => {
  it('are labels whatever integer type the file used', () => {
    expect([1, 1n, '1', 0, 0n].map((truth) => labelOf(truth, label))).toEqual([1, 1, 1, 0, 0]);
  });

  it('are no label while it is not known', () => {
    expect([null, undefined, ''].map((truth) => labelOf(truth, label))).toEqual([undefined, undefined, undefined]);
  });

  it('are empty text and NaN where they are missing', () => {
    expect([cellOf(null, 'categorical'), cellOf(undefined, 'numeric'), cellOf('', 'boolean')]).toEqual(['', Number.NaN, Number.NaN]);
  });

  it('are times as dates and as text, and none where they are missing', () => {
    expect(['1970-01-01T00:00:01Z', new Date(5), null].map(timeOf)).toEqual([1000, 5, Number.NaN]);
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
    ]);
  });
});
