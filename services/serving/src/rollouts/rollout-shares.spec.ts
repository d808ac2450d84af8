import assert from 'node:assert/strict';
import { describe, it } from 'vitest';
import { sharesOf } from './rollout-shares.js';
import type { RolloutStatus } from './rollout-state.js';

const tensor = { name: 'x', datatype: 'FP32' as const, shape: [-1] };
const artifact = (version: number) => ({
  version,
  artifactDigest: 'a'.repeat(64),
  artifactSizeBytes: 1,
  signature: { inputs: [tensor], outputs: [tensor] },
});
const shares = (champion: number | undefined, status: RolloutStatus, percent: number) =>
  sharesOf(champion ? artifact(champion) : undefined, { status, percent, candidate: artifact(2) }).map(
    ({ version, percent: part, role }) => `${version} ${part} ${role}`,
  );

describe('the shares of a rollout', () => {
  it('let a loading version wait beside the champion', () =>
    assert.deepEqual(shares(1, 'loading', 0), ['1 100 champion', '2 0 challenger']));
  it('take from the champion what the challenger gets', () =>
    assert.deepEqual(shares(1, 'running', 10), ['1 90 champion', '2 10 challenger']));
  it('leave a champion without a share copies to compare with, where something is judged', () => {
    const at = (percent: number, baselinePercent?: number) =>
      sharesOf(artifact(1), { status: 'running', percent, candidate: artifact(2), ...(baselinePercent ? { baselinePercent } : {}) });
    assert.deepEqual(at(100, 10).map(({ percent, copies }) => [percent, copies]), [[0, 10], [100, undefined]]); // biome-ignore format: a table
    assert.deepEqual(
      [at(100), at(50, 10)].map(([champion]) => champion?.copies),
      [undefined, undefined],
    );
  });
  it('keep the former champion in memory after completion', () =>
    assert.deepEqual(shares(1, 'completed', 100), ['2 100 champion', '1 0 challenger']));
  it('give everything back after a roll-back', () => assert.deepEqual(shares(1, 'rolled-back', 10), ['1 100 champion']));
  it('are all the first version has', () => assert.deepEqual(shares(undefined, 'running', 100), ['2 100 champion']));
  it('are nothing when the first version was refused', () => assert.deepEqual(shares(undefined, 'aborted', 0), []));
});
