const pollMs = 50;

/** Whether the process behind this admin address says that it is ready. */
export async function isReady(adminUrl: string): Promise<boolean> {
  try {
    const response = await fetch(`${adminUrl}/health/ready`, { signal: AbortSignal.timeout(2_000) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

/** Waits until a process is ready. `whyNot` answers a reason to give up early. */
export async function waitUntilReady(adminUrl: string, timeoutMs: number, whyNot: () => string | undefined): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await isReady(adminUrl))) {
    const reason = whyNot();
    if (reason) throw new Error(reason);
    if (Date.now() > deadline) throw new Error(`not ready after ${timeoutMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}
