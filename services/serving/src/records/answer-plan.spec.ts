import type { ModelSignature, TensorSpec } from '@bascule/contracts';
import { describe, expect, it } from 'vitest';
import type { Tensor } from '../inference/tensor.js';
import { answerPlan, recordAnswer } from './answer-plan.js';

const inputs: ModelSignature['inputs'] = [{ name: 'x', datatype: 'FP32', shape: [-1] }];
const label: TensorSpec = { name: 'label', datatype: 'INT64', shape: [-1] };
const probabilities: TensorSpec = { name: 'probabilities', datatype: 'FP32', shape: [-1, 2] };
const labels: Tensor = { name: 'label', datatype: 'INT64', shape: [2], data: new BigInt64Array([1n, 0n]) };
const shares: Tensor = { name: 'probabilities', datatype: 'FP32', shape: [2, 2], data: new Float32Array([0.25, 0.75, 1, 0]) };
const answer = (outputs: TensorSpec[], tensors: Tensor[], row = 0) => recordAnswer(answerPlan({ inputs, outputs }), tensors, row, true);

describe('the answer for one record', () => {
  it('names classes by position where nobody has named them', () => {
    expect(answer([label, probabilities], [labels, shares])).toEqual({ label: 1, probabilities: { 0: 0.25, 1: 0.75 } });
  });

  it('names classes as the signature does', () => {
    const named = [
      { ...label, classes: ['none', 'damage'] },
      { ...probabilities, columns: ['none', 'damage'] },
    ];
    expect(answer(named, [labels, shares], 1)).toEqual({ label: 'none', probabilities: { none: 1, damage: 0 } });
  });

  it('has the likeliest class as label when the model answers none', () => {
    expect(answer([probabilities], [shares])).toEqual({ label: '1', probabilities: { 0: 0.25, 1: 0.75 } });
    const unknown = { ...shares, data: new Float32Array([Number.NaN, Number.NaN, 1, 0]) };
    expect(answer([probabilities], [unknown])).toMatchObject({ label: null });
  });

  it('is a value for a regressor, infinity as text', () => {
    const y: TensorSpec = { name: 'y', datatype: 'FP64', shape: [-1, 1] };
    const values: Tensor = { name: 'y', datatype: 'FP64', shape: [2, 1], data: new Float64Array([2.5, Infinity]) };
    expect(answer([y], [values])).toEqual({ value: 2.5 });
    expect(answer([y], [values], 1)).toEqual({ value: 'Infinity' });
  });

  it('takes no other numbers for probabilities', () => {
    const embedding: TensorSpec = { name: 'embedding', datatype: 'FP32', shape: [-1, 2] };
    expect(answer([embedding], [shares])).toEqual({ outputs: { embedding: [0.25, 0.75] } });
  });

  it('keeps 64-bit integers that a double cannot hold as text', () => {
    const large = { ...labels, data: new BigInt64Array([2n ** 60n, 0n]) };
    expect(answer([label], [large])).toEqual({ label: '1152921504606846976' });
  });

  it('is the whole tensor of a model without a batch axis', () => {
    const plan = answerPlan({ inputs, outputs: [{ name: 'grid', datatype: 'INT32', shape: [2, 2] }] });
    const grid: Tensor = { name: 'grid', datatype: 'INT32', shape: [2, 2], data: new Int32Array([1, 2, 3, 4]) };
    expect(recordAnswer(plan, [grid], 0, false)).toEqual({ outputs: { grid: [1, 2, 3, 4] } });
  });
});
