const firstWaitMs = 1_000;
const longestWaitMs = 10_000;
/** Once may be a connection that was lost; more in a row will not heal by themselves. */
const worrying = 3;

/** How often each task failed in a row, and how long it waits before it tries again. */
export class TaskFailures {
  private readonly inRow = new Map<string, { times: number; message: string }>();

  /** Takes note of a failure; answers how long to wait. */
  failed(task: string, error: unknown): number {
    const times = (this.inRow.get(task)?.times ?? 0) + 1;
    this.inRow.set(task, { times, message: error instanceof Error ? error.message : String(error) });
    return Math.min(longestWaitMs, firstWaitMs * 2 ** (times - 1));
  }

  succeeded(task: string): void {
    this.inRow.delete(task);
  }

  /** Another replica takes over, or starts again. */
  forget(): void {
    this.inRow.clear();
  }

  timesOf(task: string): number {
    return this.inRow.get(task)?.times ?? 0;
  }

  /** A sentence about the tasks that fail again and again; undefined when there are none. */
  complaint(): string | undefined {
    const failing = [...this.inRow].filter(([, { times }]) => times >= worrying);
    return failing.map(([task, { times, message }]) => `${task} failed ${times} times in a row: ${message}`).join('; ') || undefined;
  }
}
