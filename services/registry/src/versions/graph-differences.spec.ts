import type { ModelSignature } from '@bascule/contracts';
import { describe, expect, it } from 'vitest';
import { graphDifferences } from './graph-differences.js';

const graph = {
  inputs: [{ name: 'speed', datatype: 'FP32' as const, shape: [-1, 1] }],
  outputs: [
    { name: 'label', datatype: 'INT64' as const, shape: [-1] },
    { name: 'probabilities', datatype: 'FP32' as const },
    { name: 'map' },
  ],
};
const speed = { name: 'speed', datatype: 'FP32' as const, shape: [-1, 1] };
const label = { name: 'label', datatype: 'INT64' as const, shape: [-1] };
const promised = (inputs: ModelSignature['inputs'], outputs: ModelSignature['outputs'] = [label]) =>
  graphDifferences({ inputs, outputs }, graph);

describe('graphDifferences', () => {
  it('finds none when the graph keeps the promise, outputs left out included', () => {
    expect(promised([speed])).toEqual([]);
    expect(promised([speed], [{ name: 'probabilities', datatype: 'FP32', shape: [-1, 2] }])).toEqual([]);
  });

  it('names an input the graph does not have, and the one it wants', () => {
    expect(promised([{ ...speed, name: 'velocity' }])).toEqual([
      { path: 'signature.inputs.velocity', message: 'input "velocity" of the signature is not in the graph' },
      { path: 'signature.inputs.speed', message: 'the graph wants input "speed", which the signature does not name' },
    ]);
  });

  it('names another type, another rank and another fixed size', () => {
    const messages = (spec: typeof speed) => promised([spec]).map(({ message }) => message);
    expect(promised([{ ...speed, datatype: 'FP64' }])).toMatchObject([
      { message: 'input "speed" is FP32 in the graph and FP64 in the signature' },
    ]);
    expect(messages({ ...speed, shape: [-1] })).toEqual(['input "speed" has shape [-1,1] in the graph and [-1] in the signature']);
    expect(messages({ ...speed, shape: [-1, 3] })).toHaveLength(1);
    expect(messages({ ...speed, shape: [-1, -1] })).toEqual([]);
  });

  it('names an output that is missing or no tensor', () => {
    const output = { datatype: 'FP32' as const, shape: [-1] };
    expect(promised([speed], [{ ...output, name: 'score' }])).toMatchObject([{ path: 'signature.outputs.score' }]);
    expect(promised([speed], [{ ...output, name: 'map' }])).toMatchObject([{ message: 'output "map" is no tensor that can be served' }]);
  });
});
