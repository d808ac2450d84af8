import cluster from 'node:cluster';
import { CONFIG, HealthRegistry } from '@bascule/platform';
import type { INestApplicationContext } from '@nestjs/common';
import type { Config } from '../config.js';
import { InferenceGrpc } from '../inference/inference.grpc.js';
import type { ProcessAddresses } from './gateway-process.runtime.js';

const checkMs = 50;
const patienceMs = 20_000;

/** True in one of several processes that share their ports. */
export function isBehindParent(): boolean {
  return cluster.isWorker;
}

/** What one of several processes does differently: it opens its ports once it can answer, and tells its parent. */
export const behindParent = {
  ready: async (app: INestApplicationContext): Promise<void> => {
    await untilReady(app.get(HealthRegistry));
    if (app.get<Config>(CONFIG).SERVING_ROLES.includes('gateway')) await app.get(InferenceGrpc, { strict: false }).listen();
  },
  onListening: (addresses: ProcessAddresses): void => {
    process.send?.({ kind: 'listening', ...addresses });
  },
};

/**
 * Waits until every critical check passes, at most 20 seconds: a process gets connections as soon as it listens, and
 * must not answer that its models are not loaded while its neighbours could answer.
 */
async function untilReady(health: HealthRegistry): Promise<void> {
  const giveUpAt = performance.now() + patienceMs;
  while (performance.now() < giveUpAt) {
    const { checks } = await health.readiness();
    if (Object.values(checks).every(({ ok, critical }) => ok || critical === false)) return;
    await new Promise((resolve) => setTimeout(resolve, checkMs));
  }
}
