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
    throw Object.assign(new Error('connect ECONNREFUSED 10.1.2.3:5432'), { code: 'ECONNREFUSED' });
  });
  expect(await health.readiness()).toMatchObject({
    status: 'not-ready',
    checks: { postgres: { ok: false, detail: 'failed (ECONNREFUSED)' } },
  });
});

it('does not tell strangers what an error says', async () => {
  const health = started();
  health.register('postgres', async () => {
    throw new Error('password authentication failed for user "registry"');
  });
  expect((await health.readiness()).checks['postgres']).toEqual({ ok: false, detail: 'failed' });
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
