const targetMs = 20;
const maxRows = 2_048;

/** How many rows to ask the model for at once: as many as it answers in about 20 ms, so that live requests never wait long behind them. */
export class SlicePace {
  private current = 16;

  get rows(): number {
    return this.current;
  }

  /** Learns from a run. */
  note(rows: number, elapsedMs: number): void {
    const fitting = Math.floor((rows * targetMs) / Math.max(elapsedMs, 0.01));
    // up by doubling at most: one fast answer says little about the next
    this.current = Math.max(1, Math.min(maxRows, this.current * 2, Math.max(fitting, 1)));
  }
}
