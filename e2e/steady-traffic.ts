import { randomUUID } from 'node:crypto';
import type { Loop } from './open-loop.js';
import { triageBody } from './traffic.js';

export interface SteadyTraffic {
  /** Which versions gave the next answers, each named once. */
  versionsOfNext(count: number): Promise<string[]>;
  stop(): Promise<void>;
}

const lanes = 3;
const pauseMs = 15;

/** Clients that keep asking, whatever is away, until they are stopped. */
export function steadyTraffic(loop: Loop): SteadyTraffic {
  let isStopped = false;
  const listeners = new Set<(version: string) => void>();
  const lane = async () => {
    while (!isStopped) {
      try {
        const { status, body } = await loop.call<{ model_version: string }>(
          'serving',
          'client',
          'POST',
          '/v2/models/claims-triage/infer',
          triageBody(`steady-${randomUUID()}`, 60 + Math.round(Math.random() * 160)),
        );
        if (status === 200) for (const listener of listeners) listener(body.model_version);
      } catch {
        // the service is away: asked again
      }
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  };
  const running = Promise.all(Array.from({ length: lanes }, lane));
  return {
    versionsOfNext: (count) =>
      new Promise((resolve) => {
        const seen: string[] = [];
        const listener = (version: string) => {
          seen.push(version);
          if (seen.length < count) return;
          listeners.delete(listener);
          resolve([...new Set(seen)]);
        };
        listeners.add(listener);
      }),
    async stop() {
      isStopped = true;
      await running;
    },
  };
}
