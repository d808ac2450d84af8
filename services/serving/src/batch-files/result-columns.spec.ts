import type { ModelSignature } from '@bascule/contracts';
import { describe, expect, it } from 'vitest';
import type { Tensor } from '../inference/tensor.js';
import { ResultColumns } from './result-columns.js';
import { ResultWriter, unpackResult } from './result-file.js';

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

  const piece = { jobId: 'j', piece: 0, first: 11, rowCount: 4, recordIds: ['a', '', 'c', 'd'], faults: [[2, 'x: missing']] as const };
  const rowAt = (row: number): Tensor[] =>
    outputs.map((tensor) => {
      const length = tensor.data.length / 2;
      return {
        ...tensor,
        shape: [1, ...tensor.shape.slice(1)],
        data: tensor.data.slice(row * length, (row + 1) * length) as Tensor['data'],
      };
    });

  it('holds what the model answered, integers without loss, and failed rows with their error', () => {
    const writer = new ResultWriter(piece);
    writer.add(Uint32Array.of(0, 1), outputs, true);
    writer.fail(3, 'the model says no');
    expect(writer.failedCount).toBe(2);
    expect([...columns.rowsOf(unpackResult(writer.bytes()))].map(({ values }) => values)).toEqual([
      [11, 'a', 'id-11', 1, 0.25, 0.75, 'a', '[1,2,3]', null],
      [12, null, 'id-12', '4611686018427387904', null, Number.POSITIVE_INFINITY, 'b\n', '[4,5,6]', null],
      [13, 'c', null, null, null, null, null, null, 'x: missing'],
      [14, 'd', null, null, null, null, null, null, 'the model says no'],
    ]);
  });

  it('has the same bytes however the rows were put together', () => {
    const once = new ResultWriter(piece);
    once.add(Uint32Array.of(0, 1), outputs, true);
    once.fail(3, 'no');
    const oneByOne = new ResultWriter(piece);
    oneByOne.fail(3, 'no');
    oneByOne.add(Uint32Array.of(1), rowAt(1), true);
    oneByOne.add(Uint32Array.of(0), rowAt(0), true);
    expect(oneByOne.bytes().equals(once.bytes())).toBe(true);
  });

  it('holds outputs of other lengths row by row', () => {
    const writer = new ResultWriter({ ...piece, rowCount: 2, recordIds: ['', ''], faults: [] });
    const path = (...values: number[]) => ({
      name: 'path',
      datatype: 'FP32' as const,
      shape: [1, values.length],
      data: Float32Array.from(values),
    });
    const rest = (row: number) => rowAt(row).slice(0, 3);
    writer.add(Uint32Array.of(1), [...rest(1), path(7)], true);
    writer.add(Uint32Array.of(0), [...rest(0), path(8, 9)], true);
    expect([...columns.rowsOf(unpackResult(writer.bytes()))].map(({ values }) => values.at(-2))).toEqual(['[8,9]', '7']);
  });

  it('says when a row has neither an answer nor an error', () => {
    const writer = new ResultWriter(piece);
    expect(() => [...columns.rowsOf(unpackResult(writer.bytes()))]).toThrow(/row 11/);
  });
});
