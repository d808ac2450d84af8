import { createLogger, Metrics } from '@bascule/platform';
import { expect, it, vi } from 'vitest';
import { deadlineExceeded, inferenceFailed } from '../errors.js';
import { ShadowCopies } from './shadow-copies.service.js';

/** What the guard hears of a copy that came to nothing. */
async function heardOf(error: Error, of: 'champion' | 'challenger'): Promise<unknown[]> {
  const failed = vi.fn();
  const config = { REQUEST_DEADLINE_MS: 1_000 };
  const copies = new ShadowCopies(
    config as never,
    {} as never,
    { failed } as never,
    createLogger({ service: 'serving', instanceId: 'test', level: 'silent' }),
    new Metrics(),
  );
  const loaded = {
    modelName: 'm',
    isBatched: true,
    routed: { version: 1, signature: { inputs: [], outputs: [] } },
    batcher: { infer: () => Promise.reject(error) },
  };
  const route = { shadows: [{ loaded, percent: 100, of }] };
  copies.copy(route as never, { role: of, predictionIds: ['0190a1b2-c3d4-7e5f-8a6b-0c1d2e3f4a5b'], loaded, inputs: [] } as never);
  await new Promise(setImmediate);
  return failed.mock.calls.map(([, version, found]) => [version, found]);
}

it('a copy that a champion answers behind everything live, and too late, is no failure of it; one it fails on is', async () => {
  expect(await heardOf(deadlineExceeded(), 'challenger')).toEqual([]);
  const failure = inferenceFailed();
  expect(await heardOf(failure, 'challenger')).toEqual([[1, failure]]);
});

it('a shadow that is too late is heard of', async () => {
  const late = deadlineExceeded();
  expect(await heardOf(late, 'champion')).toEqual([[1, late]]);
});
