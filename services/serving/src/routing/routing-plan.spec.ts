import assert from 'node:assert/strict';
import type { RoutedVersion, RoutingEntry } from '@bascule/contracts';
import { describe, it } from 'vitest';
import { decideApply, type VersionStanding } from './routing-plan.js';

const tensor = { name: 'x', datatype: 'FP32' as const, shape: [-1] };
const version = (number: number, percent: number, role: RoutedVersion['role']): RoutedVersion => ({
  version: number,
  artifactDigest: 'a'.repeat(64),
  artifactSizeBytes: 1,
  signature: { inputs: [tensor], outputs: [tensor] },
  percent,
  role,
});
const entry = (...versions: RoutedVersion[]): RoutingEntry => ({
  modelName: 'm',
  environment: 'production',
  revision: 2,
  rolloutId: null,
  versions,
  updatedAt: '2026-01-01T00:00:00Z',
});
const canary = entry(version(1, 90, 'champion'), version(2, 10, 'challenger'));
const standing = (second: VersionStanding) => (of: RoutedVersion) => (of.version === 2 ? second : 'loaded');

describe('a routing entry', () => {
  it('takes effect when every version with a share is loaded', () => {
    const decision = decideApply(canary, standing('loaded'), true);
    assert.deepEqual(decision, {
      apply: true,
      shares: [
        { version: 1, percent: 90 },
        { version: 2, percent: 10 },
      ],
    });
  });

  it.each(['missing', 'refused'] as const)('leaves the former one in force while a version is %s', (second) => {
    assert.deepEqual(decideApply(canary, standing(second), true), { apply: false, reason: `version 2 is ${second}` });
  });

  it('does not wait for a version without a share', () => {
    assert.equal(decideApply(entry(version(1, 100, 'champion'), version(2, 0, 'challenger')), standing('missing'), true).apply, true);
  });

  it('gives a refused share to the champion at a gateway that has nothing else', () => {
    assert.deepEqual(decideApply(canary, standing('refused'), false), { apply: true, shares: [{ version: 1, percent: 100 }] });
  });

  it('waits at a gateway that has nothing else while a version may still come', () => {
    assert.equal(decideApply(canary, standing('missing'), false).apply, false);
  });
});
