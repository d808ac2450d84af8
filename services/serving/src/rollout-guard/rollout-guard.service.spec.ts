import { createLogger, Metrics } from '@bascule/platform';
import { expect, it } from 'vitest';
import { inferenceFailed } from '../errors.js';
import { type GuardedRoute, RolloutGuard } from './rollout-guard.service.js';

const turn = () => new Promise(setImmediate);

it('where the other version is not loaded, failures of one key take no version back; those of a second one do', async () => {
  const told: object[] = [];
  const parts = [{ INSTANCE_ID: 'g' }, {}, { announce: (draft: object) => told.push(draft) }, {}, { now: () => new Date() }];
  const log = createLogger({ service: 'serving', instanceId: 'test', level: 'silent' });
  const guard = new RolloutGuard(...(parts as [never, never, never, never, never]), log, new Metrics());
  const versions = [
    { version: 1, role: 'champion', percent: 0 },
    { version: 2, role: 'challenger', percent: 100 },
  ];
  const entry = { rolloutId: 'r', rolloutStep: 0, revision: 1, modelName: 'm', environment: 'production', versions };
  const route = { entry, shares: [{ version: 2, percent: 100 }], versions: new Map([[2, {}]]) } as unknown as GuardedRoute;
  const failed = (keyId: string) => guard.failed(route, 2, inferenceFailed(), { keyId, inputs: [], allowanceMs: 1_000 });
  for (let request = 0; request < 50; request++) failed('one');
  await turn();
  expect(told).toEqual([]);
  expect(guard.sharesOf(route)).toEqual(route.shares);
  failed('another');
  await turn();
  expect(told).toMatchObject([{ data: { version: 2, cause: 'error-burst' } }]);
  expect(guard.sharesOf(route)).toEqual([{ version: 1, percent: 100 }]);
});
