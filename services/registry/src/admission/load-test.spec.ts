import { describe, expect, it } from 'vitest';
import { underLoad } from './load-test.js';

const plan = { requestsPerSecond: 200, rowsPerRequest: 1, seconds: 0.1 };

describe('a load test', () => {
  it('asks as often as planned and counts wrong answers', async () => {
    let asked = 0;
    const found = await underLoad({ ...plan, requestsPerSecond: 20, seconds: 1 }, async () => (++asked % 10 === 0 ? ['wrong'] : []));
    expect(found).toMatchObject({ offeredPerSecond: 20, requestCount: 20, failedCount: 2 });
  });

  it('shows in the times how far a model falls behind, and gives up in the end', async () => {
    const slow = () => new Promise<string[]>((resolve) => setTimeout(() => resolve([]), 20));
    const found = await underLoad(plan, slow);
    // the last of those answered in 150 ms was due long before
    expect(found.failedCount).toBeGreaterThan(5);
    expect(found.p99Ms).toBeGreaterThan(40);
    expect(found.answeredPerSecond).toBeLessThan(100);
  });
});
