import type { ModelSignature } from '@bascule/contracts';
import { describe, expect, it } from 'vitest';
import type { Tensor } from '../inference/tensor.js';
import { ResultColumns } from './result-columns.js';
import { ResultWriter, readResult, rowValues } from './result-file.js';

const signature: ModelSignature = {
  inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 1] }],
  outputs: [
    { name: 'label', datatype: 'INT64', shape: [-1] },
    { name: 'probabilities', datatype: 'FP32', shape: [-1, 2], columns: ['no', 'yes'] },
    { name: 'error', datatype: 'BYTES', shape: [-1, 1] },
    { name: 'path', datatype: 'FP32', shape: [-1, -1] },
  ],
};
const outputs: Tensor[] = [
  { name: 'label', datatype: 'INT64', shape: [2], data: BigInt64Array.of(1n, 2n ** 62n) },
  { name: 'probabilities', datatype: 'FP32', shape: [2, 2], data: Float32Array.of(0.25, 0.75, Number.NaN, Number.POSITIVE_INFINITY) },
  { name: 'error', datatype: 'BYTES', shape: [2, 1], data: ['a', 'b\n'] },
  { name: 'path', datatype: 'FP32', shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) },
];
const columns = new ResultColumns(signature, true, (row) => `id-${row}`);

describe('the file of results', () => {
  it('has the outputs side by side, under names of their own', () => {
    expect(columns.columns).toEqual([
      { name: 'row', type: 'integer' },
      { name: 'record_id', type: 'string' },
      { name: 'prediction_id', type: 'string' },
      { name: 'label', type: 'integer' },
      { name: 'probabilities_no', type: 'number' },
      { name: 'probabilities_yes', type: 'number' },
      { name: 'error_', type: 'string' },
      { name: 'path', type: 'string' },
      { name: 'error', type: 'string' },
    ]);
  });

  it('holds what the model answered, integers without loss, and failed rows with their error', () => {
    const writer = new ResultWriter({ jobId: 'j', piece: 0 });
    writer.add([
      { number: 2, recordId: '', outputs: rowValues(outputs, 1, true) },
      { number: 1, recordId: 'a', outputs: rowValues(outputs, 0, true) },
    ]);
    writer.add([{ number: 3, recordId: 'c', error: 'x: missing' }]);
    expect([writer.rowCount, writer.failedCount]).toEqual([3, 1]);
    expect([...readResult(writer.text())].flat().map((row) => columns.valuesOf(row))).toEqual([
      [1, 'a', 'id-1', 1, 0.25, 0.75, 'a', '[1,2,3]', null],
      [2, null, 'id-2', '4611686018427387904', null, Number.POSITIVE_INFINITY, 'b\n', '[4,5,6]', null],
      [3, 'c', null, null, null, null, null, null, 'x: missing'],
    ]);
  });
});
