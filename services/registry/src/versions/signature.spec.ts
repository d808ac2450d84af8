import type { ModelSignature } from '@bascule/contracts';
import { describe, expect, it } from 'vitest';
import { signatureDifferences, signatureFaults } from './signature.js';

const champion: ModelSignature = {
  inputs: [
    { name: 'speed', datatype: 'FP32', shape: [-1, 1], kind: 'numeric' },
    { name: 'phase', datatype: 'BYTES', shape: [-1, 1], kind: 'categorical' },
  ],
  outputs: [{ name: 'probabilities', datatype: 'FP32', shape: [-1, 2] }],
};
const [speed, phase] = champion.inputs as [ModelSignature['inputs'][number], ModelSignature['inputs'][number]];

describe('signatureFaults', () => {
  it('finds nothing wrong with a usual signature', () => {
    expect(signatureFaults(champion)).toEqual([]);
  });

  it('refuses two inputs of one name', () => {
    expect(signatureFaults({ ...champion, inputs: [speed, speed] })).toEqual(['input speed is named twice']);
  });

  it('takes a model that answers one request at a time', () => {
    expect(signatureFaults({ inputs: [{ ...speed, shape: [3, 2] }], outputs: [{ name: 'y', datatype: 'FP32', shape: [3, 2] }] })).toEqual(
      [],
    );
  });

  it('refuses a request too large to be tried', () => {
    expect(signatureFaults({ ...champion, inputs: [{ ...speed, shape: [-1, 5_000_000] }] })).toEqual([
      'input speed has 5000000 elements in one request, at most 4000000 are tried',
    ]);
  });

  it('refuses text that calls itself numeric', () => {
    expect(signatureFaults({ ...champion, inputs: [{ ...phase, kind: 'numeric' }] })).toEqual([
      'input phase is called numeric but holds BYTES',
    ]);
  });
});

describe('names of columns', () => {
  const wide = (columns: string[]): ModelSignature => ({
    ...champion,
    inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 2], columns }],
  });

  it('fit the last axis', () => {
    expect(signatureFaults(wide(['speed', 'height']))).toEqual([]);
    expect(signatureFaults(wide(['speed']))).toEqual(['input x names 1 columns, its shape is [-1,2]']);
  });

  it('are given once', () => {
    expect(signatureFaults(wide(['speed', 'speed']))).toEqual(['input x names the column speed twice']);
  });
});

describe('signatureDifferences', () => {
  it('lets an equal signature stand in, in any order', () => {
    expect(signatureDifferences({ ...champion, inputs: [phase, speed] }, champion)).toEqual([]);
  });

  it('lets a version answer more than the champion', () => {
    const outputs = [...champion.outputs, { name: 'label', datatype: 'INT64' as const, shape: [-1] }];
    expect(signatureDifferences({ ...champion, outputs }, champion)).toEqual([]);
  });

  it('refuses a missing and a new input', () => {
    const altered = { ...champion, inputs: [speed, { ...phase, name: 'airport' }] };
    expect(signatureDifferences(altered, champion)).toEqual(['input phase is gone', 'input airport is new: clients do not send it']);
  });

  it('refuses another datatype and a narrower shape', () => {
    const altered = {
      ...champion,
      inputs: [
        { ...speed, datatype: 'FP64' as const },
        { ...phase, shape: [8, 1] },
      ],
    };
    expect(signatureDifferences(altered, champion)).toEqual(['input speed is FP64, was FP32', 'input phase has shape [8,1], was [-1,1]']);
  });
});
