import assert from 'node:assert/strict';
import { bodyTooLarge } from '@bascule/platform';
import { it } from 'vitest';
import { quotaExhausted } from '../admission/errors.js';
import { inferenceFailed, modelNotReady } from '../errors.js';
import { failedBy } from './failed-version.js';
import { statusOf, unexpectedStatus } from './grpc-status.js';

const metadataOf = ({ metadata }: ReturnType<typeof statusOf>) => Object.fromEntries(metadata.entries());

it('a status names the code, and the version where one was asked', () => {
  assert.deepEqual(metadataOf(statusOf(failedBy(3, inferenceFailed()) as ReturnType<typeof inferenceFailed>)), {
    'error-code': 'serving.inference_failed',
    'x-bascule-model-version': '3',
  });
  assert.deepEqual(metadataOf(unexpectedStatus(failedBy(2, new Error('x')))), {
    'error-code': 'platform.unexpected',
    'x-bascule-model-version': '2',
  });
});

it('a status says when to come back where that helps, in seconds and to retry policies', () => {
  const wait = { 'retry-after': '1', 'grpc-retry-pushback-ms': '1000' };
  assert.deepEqual(metadataOf(statusOf(modelNotReady())), { 'error-code': 'serving.model_not_ready', ...wait });
  assert.deepEqual(metadataOf(statusOf(bodyTooLarge())), { 'error-code': 'platform.body_too_large' });
});

it('a retry policy does not wait for hours', () => {
  const { 'grpc-retry-pushback-ms': pushback, 'retry-after': after } = metadataOf(statusOf(quotaExhausted({ retryAfterSeconds: 7200 })));
  assert.deepEqual([after, pushback], ['7200', '-1']);
});
