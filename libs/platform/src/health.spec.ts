import { expect, it } from 'vitest';
import { HealthRegistry } from './health.js';

function started(): HealthRegistry {
  const health = new HealthRegistry();
  health.markStarted();
  return health;
}

it('is not ready before the service has started', async () => {
  expect((await new HealthRegistry().readiness()).status).toBe('not-ready');
});

it('is ready when every critical check passes', async () => {
  const health = started();
  health.register('postgres', async () => ({ ok: true }));
  health.register('access', async () => ({ ok: false, critical: false, detail: 'old' }));
  expect(await health.readiness()).toMatchObject({ status: 'ready', checks: { access: { ok: false, detail: 'old' } } });
});

it('is not ready when a check fails or throws', async () => {
  const health = started();
  health.register('postgres', async () => {
    throw new Error('connection refused');
  });
  expect(await health.readiness()).toMatchObject({
    status: 'not-ready',
    checks: { postgres: { ok: false, detail: 'connection refused' } },
  });
});

it('is not ready when a check never answers', async () => {
  const health = started();
  health.register('nats', () => new Promise(() => {}));
  expect(await health.readiness()).toMatchObject({ status: 'not-ready', checks: { nats: { detail: 'no answer within 2000 ms' } } });
});

it('is not ready once it was asked to stop', async () => {
  const health = started();
  health.markShuttingDown();
  expect(await health.readiness()).toMatchObject({ status: 'not-ready', shuttingDown: true });
});
