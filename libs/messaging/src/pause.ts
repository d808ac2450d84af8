import type { NatsConnectionHolder } from './connection.js';

/** Resolves after `ms`, or at once when `signal` says stop. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
    function done() {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
  });
}

/** As `pause`, and ends early when the connection to NATS is back: what failed for want of it can be tried at once. */
export async function pauseUntilBack(connection: NatsConnectionHolder, ms: number, signal: AbortSignal): Promise<void> {
  const back = new AbortController();
  const forget = connection.onReconnect(() => back.abort());
  await pause(ms, AbortSignal.any([signal, back.signal]));
  forget();
}
