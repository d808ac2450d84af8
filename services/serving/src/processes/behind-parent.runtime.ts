import cluster from 'node:cluster';
import { CONFIG, HealthRegistry, Logger } from '@bascule/platform';
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
    const missing = await untilReady(app.get(HealthRegistry));
    if (missing.length > 0) app.get(Logger).warn({ missing }, 'opens its ports although not everything is ready');
    if (app.get<Config>(CONFIG).SERVING_ROLES.includes('gateway')) await app.get(InferenceGrpc, { strict: false }).listen();
  },
  onListening: (addresses: ProcessAddresses): void => {
    process.send?.({ kind: 'listening', ...addresses });
  },
};

/**
 * Waits until every critical check passes, at most 20 seconds: a process gets connections as soon as it listens, and
 * must not answer that its models are not loaded while its neighbours could answer.
 * @returns what does not pass
 */
async function untilReady(health: HealthRegistry): Promise<string[]> {
  const giveUpAt = performance.now() + patienceMs;
  for (;;) {
    const { checks } = await health.readiness();
    const missing = Object.entries(checks).filter(([, { ok, critical }]) => !ok && critical !== false);
    if (missing.length === 0 || performance.now() > giveUpAt)
      return missing.map(([name, { detail }]) => `${name}: ${detail ?? 'not ready'}`);
    await new Promise((resolve) => setTimeout(resolve, checkMs));
  }
}
