import type { LoadFinding, LoadPlan } from './admission.js';

/** After so much longer than planned, what is not answered is given up. */
const patience = 1.5;
const warmUpRuns = 20;

/**
 * Asks on time, however long the answers take: a model that falls behind shows it in every request that had to wait.
 * @param answer one request; resolves to what is wrong with the answer
 */
export async function underLoad(plan: LoadPlan, answer: () => Promise<readonly string[]>): Promise<LoadFinding> {
  const { requestsPerSecond, rowsPerRequest, seconds } = plan;
  const requestCount = Math.max(1, Math.round(requestsPerSecond * seconds));
  for (let run = 0; run < warmUpRuns; run++) await answer();
  const startedAt = performance.now();
  const endsAt = startedAt + seconds * patience * 1000;
  const times: number[] = [];
  let wrong = 0;
  let asked = 0;
  while (asked < requestCount && performance.now() < endsAt) {
    const dueAt = startedAt + (asked / requestsPerSecond) * 1000;
    while (performance.now() < dueAt) await (dueAt - performance.now() > 3 ? pause(1) : new Promise((resolve) => setImmediate(resolve)));
    asked++;
    if ((await answer()).length > 0) wrong++;
    else times.push(performance.now() - dueAt);
  }
  const tookSeconds = Math.max(seconds, (performance.now() - startedAt) / 1000);
  times.sort((a, b) => a - b);
  const at = (share: number) => rounded(times[Math.min(times.length - 1, Math.ceil(share * times.length) - 1)] ?? 0);
  return {
    offeredPerSecond: requestsPerSecond,
    answeredPerSecond: rounded(times.length / tookSeconds),
    rowsPerRequest,
    seconds,
    requestCount,
    failedCount: requestCount - asked + wrong,
    p50Ms: at(0.5),
    p95Ms: at(0.95),
    p99Ms: at(0.99),
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function rounded(value: number): number {
  return Number(value.toFixed(3));
}
