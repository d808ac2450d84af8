import { availabilityMeasured } from '@bascule/contracts';
import { newId } from '@bascule/platform';
import { expect, it } from 'vitest';
import { RetainedPublisher } from './retained-publisher.service.js';

const at = '2026-01-01T00:00:00Z';
const draft = () => ({
  definition: availabilityMeasured,
  data: { gatewayId: newId(), modelName: 'm', environment: 'production' as const, from: at, to: at, requestCount: 1, failedCount: 0 },
});

it('is behind while much of what was announced has not been taken, not for one event', async () => {
  const taken: (() => void)[] = [];
  const publishEncoded = () => new Promise<void>((resolve) => taken.push(resolve));
  const connection = { onReconnect: () => undefined, isConnected: true };
  const config = { NATS_RESEND_WINDOW_MS: 0 };
  const events = new RetainedPublisher(config as never, connection as never, { publishEncoded } as never, {} as never);
  events.announce(draft());
  expect(events.isBehind).toBe(false);
  for (let count = 0; count < 50; count++) events.announce(draft());
  expect(events.isBehind).toBe(true);
  for (const resolve of taken) resolve();
  await new Promise(setImmediate);
  expect(events.isBehind).toBe(false);
  await events.onApplicationShutdown();
});
