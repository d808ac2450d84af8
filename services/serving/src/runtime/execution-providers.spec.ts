import assert from 'node:assert/strict';
import { describe, it } from 'vitest';
import { type ExecutionProvider, firstThatWorks, withLastResort } from './execution-providers.js';

const only = (working: ExecutionProvider) => async (provider: ExecutionProvider) => {
  if (provider !== working) throw new Error(`${provider} is not here`);
  return provider;
};

describe('execution providers', () => {
  it('are asked best first, each once, with the processor as the last resort', () => {
    assert.deepEqual(withLastResort(['tensorrt', 'cuda', 'tensorrt']), ['tensorrt', 'cuda', 'cpu']);
    assert.deepEqual(withLastResort(['cpu', 'cuda']), ['cuda', 'cpu']);
  });

  it('are tried in order, and who could not is named with the reason', async () => {
    const { provider, refused } = await firstThatWorks(['cuda', 'cpu'], only('cpu'));
    assert.equal(provider, 'cpu');
    assert.deepEqual(refused, [{ provider: 'cuda', reason: 'cuda is not here' }]);
  });

  it('refuse the model with the last reason when none takes it', async () => {
    await assert.rejects(firstThatWorks(['cuda', 'cpu'], only('webgpu')), /cpu is not here/);
  });
});
