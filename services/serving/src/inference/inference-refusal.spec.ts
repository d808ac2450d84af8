import assert from 'node:assert/strict';
import { it } from 'vitest';
import { inferenceFailed, modelNotFound } from '../errors.js';
import { failedBy } from './failed-version.js';
import { refusalReply } from './inference-refusal.js';

it('a refusal names the version that failed, and none where none was asked', () => {
  const { status, headers } = refusalReply(failedBy(3, inferenceFailed()), 'r');
  assert.deepEqual([status, headers['x-bascule-model-version']], [422, '3']);
  assert.equal('x-bascule-model-version' in refusalReply(modelNotFound(), 'r').headers, false);
});
