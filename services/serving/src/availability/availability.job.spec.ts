import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { AvailabilityJob } from './availability.job.js';
import { AvailabilityCounter } from './availability-counter.service.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('while NATS is away counts are kept and told in one, the last of them at the end', () => {
  const counter = new AvailabilityCounter({ isKnown: () => true } as never, { ANSWER_TARGET_MS: 500 });
  const told: object[] = [];
  const events = { isBehind: true, announce: ({ data }: { data: object }) => told.push(data) };
  const config = { INSTANCE_ID: 'g', SERVING_ENVIRONMENT: 'production', AVAILABILITY_EVERY_MS: 1_000 };
  const job = new AvailabilityJob(config as never, counter, events as never, { now: () => new Date() } as never);
  const begunAt = new Date().toISOString();
  job.onApplicationBootstrap();
  for (let second = 0; second < 100; second++) {
    counter.answered('m', 'key');
    vi.advanceTimersByTime(1_000);
  }
  expect(told).toEqual([]);
  events.isBehind = false;
  vi.advanceTimersByTime(1_000);
  expect(told).toMatchObject([{ modelName: 'm', from: begunAt, requestCount: 100, failedCount: 0 }]);
  events.isBehind = true;
  counter.answered('m', 'key');
  job.beforeApplicationShutdown();
  expect(told.slice(1)).toMatchObject([{ requestCount: 1 }]);
});
