import { createLogger } from '@bascule/platform';
import { describe, expect, it, vi } from 'vitest';
import { LoadTests } from './load-tests.service.js';

const plan = { requestsPerSecond: 20, rowsPerRequest: 1, seconds: 0.5, connections: 1 };
const asked = (loadTestId: string) => ({ loadTestId, plan, expiresAt: '2999-01-01T00:00:00Z', requestDigest: 'd' }) as never;

/** Load tests at a gateway whose versions are given by `use`. */
function testsWith(use: (work: (loaded: unknown) => Promise<unknown>) => Promise<unknown>, announce: (draft: unknown) => void) {
  const versions = { use: (_model: string, _routed: object, work: (loaded: unknown) => Promise<unknown>) => use(work) };
  const body = { inputs: [{ name: 'x', shape: [1], datatype: 'FP32', data: [1] }] };
  const objects = { get: async () => Buffer.from(JSON.stringify(body)) };
  const config = { INSTANCE_ID: 'g', SERVING_ENVIRONMENT: 'production', REQUEST_DEADLINE_MS: 1_000 };
  const clock = { now: () => new Date() };
  return new LoadTests(
    versions as never,
    objects as never,
    { announce } as never,
    clock as never,
    createLogger({ service: 'serving', instanceId: 'test', level: 'silent' }),
    config as never,
  );
}

describe('load tests', () => {
  it('put no load on a version that was loaded when the gateway stops', async () => {
    const infer = vi.fn(() => Promise.reject(new Error('no')));
    const signature = { inputs: [{ name: 'x', datatype: 'FP32', shape: [-1] }], outputs: [] };
    const loaded = { modelName: 'm', routed: { version: 1, signature }, batcher: { infer } };
    let stopped: Promise<void> | undefined;
    const tests = testsWith(
      (work) => {
        stopped = tests.beforeApplicationShutdown();
        return work(loaded);
      },
      () => undefined,
    );
    tests.begin(asked('one'));
    await vi.waitFor(() => expect(stopped).toBeDefined());
    await stopped;
    expect(infer).not.toHaveBeenCalled();
  });

  it('go on after one that could not be told of', async () => {
    const told = vi.fn();
    told.mockImplementationOnce(() => {
      throw new Error('no event');
    });
    const tests = testsWith(() => Promise.reject(new Error('not there')), told);
    tests.begin(asked('one'));
    tests.begin(asked('two'));
    await vi.waitFor(() => expect(told).toHaveBeenCalledTimes(2));
    expect(told.mock.lastCall?.[0]).toMatchObject({ data: { loadTestId: 'two', outcome: 'failed' } });
  });
});
