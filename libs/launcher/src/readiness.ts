const pollMs = 50;

/** Why the process behind this admin address is not ready, as it says itself; undefined when it is ready. */
async function unreadiness(adminUrl: string): Promise<string | undefined> {
  try {
    const response = await fetch(`${adminUrl}/health/ready`, { signal: AbortSignal.timeout(2_000) });
    const said = await response.text();
    return response.ok ? undefined : said;
  } catch (error) {
    const { message, cause } = error as Error;
    return cause instanceof Error ? `${message}: ${cause.message}` : message;
  }
}

/** Waits until a process is ready. `whyNot` answers a reason to give up early. @throws what it said last, when the time is over */
export async function waitUntilReady(adminUrl: string, timeoutMs: number, whyNot: () => string | undefined): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const said = await unreadiness(adminUrl);
    if (said === undefined) return;
    const reason = whyNot();
    if (reason) throw new Error(reason);
    if (Date.now() > deadline) throw new Error(`not ready after ${timeoutMs / 1000} s (${said})`);
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}
