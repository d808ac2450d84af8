import assert from 'node:assert/strict';
import { describe, it } from 'vitest';
import type { Tensor } from '../inference/tensor.js';
import type { Graph } from './frame.js';
import { InlineModel } from './inline-model.js';

const graph: Graph = { inputs: [], outputs: [], runtime: 'test', provider: 'cpu', refusedProviders: [] };
const rows = (count: number): Tensor[] => [{ name: 'x', datatype: 'FP32', shape: [count, 1], data: new Float32Array(count) }];
const answer = (name: string): Tensor[] => [{ name, datatype: 'FP32', shape: [1], data: new Float32Array(1) }];

function setUp(here: () => Promise<Tensor[]> = async () => answer('here'), maxMs = 1_000) {
  const calls: string[] = [];
  const isolated = {
    graph,
    run: async () => answer('process'),
    unload: async () => void calls.push('unload'),
  };
  const session = { run: here, release: async () => void calls.push('release') };
  const model = new InlineModel(isolated, session, { maxRows: 32, maxMs, onSlow: () => calls.push('slow') });
  const ask = async (count = 1) => (await model.run(rows(count), ['y']))[0]?.name;
  return { model, ask, calls };
}

describe('a model in the gateway process', () => {
  it('takes what was measured, and leaves larger and empty requests to the process of the model', async () => {
    const { ask } = setUp();
    assert.equal(await ask(32), 'here');
    assert.equal(await ask(33), 'process');
    assert.equal(await ask(0), 'process');
  });

  it('lets the process of the model say what is wrong', async () => {
    const { ask } = setUp(() => Promise.reject(new Error('no')));
    assert.equal(await ask(), 'process');
  });

  it('is left for good after three slow runs in a row', async () => {
    const { ask, calls } = setUp(async () => answer('here'), -1);
    assert.deepEqual([await ask(), await ask(), await ask()], ['here', 'here', 'here']);
    assert.equal(await ask(), 'process');
    assert.deepEqual(calls, ['slow']);
  });

  it('is let go after its last run, once', async () => {
    const { promise, resolve } = Promise.withResolvers<Tensor[]>();
    const { model, ask, calls } = setUp(() => promise);
    const asked = ask();
    await model.unload();
    assert.deepEqual(calls, ['unload']);
    resolve(answer('here'));
    assert.equal(await asked, 'here');
    assert.deepEqual(calls, ['unload', 'release']);
  });
});
