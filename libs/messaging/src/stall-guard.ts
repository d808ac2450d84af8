/** Ends work that makes no progress: `whenStalled` rejects once `ms` have passed without `progress()`. */
export class StallGuard {
  private readonly timer: NodeJS.Timeout;
  readonly whenStalled: Promise<never>;

  constructor(ms: number) {
    let reject: (error: Error) => void = () => {};
    this.whenStalled = new Promise((_resolve, fail) => (reject = fail));
    this.whenStalled.catch(() => {});
    this.timer = setTimeout(() => reject(new Error(`no progress for ${ms} ms`)), ms);
  }

  progress(): void {
    this.timer.refresh();
  }

  end(): void {
    clearTimeout(this.timer);
  }
}
