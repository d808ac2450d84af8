/** Work done at intervals, never twice at once in this process: a time that comes while it is under way is left out. */
export class RepeatedWork {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;

  /** @param onError is told of each failure; the work is done again when its time comes */
  constructor(
    private readonly work: () => Promise<unknown>,
    private readonly onError: (error: unknown) => void,
  ) {}

  /** Begins; the first time comes after one interval, in ms. */
  start(everyMs: number): void {
    this.timer = setInterval(() => this.doNow(), everyMs);
  }

  /** Does the work at once, unless it is under way. */
  doNow(): void {
    this.running ??= this.work()
      .then(() => undefined, this.onError)
      .finally(() => {
        this.running = undefined;
      });
  }

  /** Ends; resolves when what is under way is done. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }
}
