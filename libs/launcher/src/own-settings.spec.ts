import assert from 'node:assert/strict';
import { it } from 'vitest';
import { isForAnother, settingsIn } from './own-settings.js';

it('takes settings of services from the environment, and nothing else', () => {
  const environment = {
    ...{ SERVING_PROCESSES: '2', WEBHOOK_NETWORKS: '127.0.0.1/32', PROBE_TIMEOUT_MS: '9', JWT_ISSUER: 'i', BASCULE_STREAM_REPLICAS: '3' },
    ...{
      PATH: '/bin',
      HOME: '/',
      DATABASE_URL: 'd',
      PORT: '1',
      BASCULE_REFERENCE_DATA: 'r',
      MODEL_SIGNING_KEY_FILE: 'k',
      WEBHOOK_KEY_FILE: 'k',
    },
    RUN_POLL_MS: '',
  };
  const taken = ['SERVING_PROCESSES', 'WEBHOOK_NETWORKS', 'PROBE_TIMEOUT_MS', 'JWT_ISSUER', 'BASCULE_STREAM_REPLICAS'];
  assert.deepEqual(Object.keys(settingsIn(environment)), taken);
});

it('gives a setting to the service that reads it alone, and what no one service owns to all', () => {
  assert.equal(isForAnother('SOURCE_CONNECTIONS', 'registry'), true);
  assert.equal(isForAnother('SOURCE_CONNECTIONS', 'ingestion'), false);
  assert.equal(isForAnother('JWT_ISSUER', 'registry'), false);
});
