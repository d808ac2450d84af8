import { setTimeout as pause } from 'node:timers/promises';

/** Asks again until the answer is there; says what it was waiting for when it never comes. */
export async function waitFor<T>(what: string, ask: () => Promise<T | undefined | false>, timeoutMs = 90_000): Promise<T> {
  const giveUpAt = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > giveUpAt) throw new Error(`waited ${Math.round(timeoutMs / 1000)} s for ${what}`);
    await pause(150);
  }
}
