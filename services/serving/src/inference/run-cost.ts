const memory = 0.1;
const minObserved = 8;
/** Runs of nearly the same length say nothing about the part of a row: their noise must not be taken for it. */
const prudence = 16;

/** What a run costs, learnt from the last few dozen: a part per run and a part per row. */
export class RunCost {
  private observed = 0;
  private rows = 0;
  private ms = 0;
  private rowsSquared = 0;
  private rowsMs = 0;

  observe(rows: number, ms: number): void {
    // exact means at first, then a moving one
    const weight = Math.max(memory, 1 / ++this.observed);
    this.rows += weight * (rows - this.rows);
    this.ms += weight * (ms - this.ms);
    this.rowsSquared += weight * (rows * rows - this.rowsSquared);
    this.rowsMs += weight * (rows * ms - this.rowsMs);
  }

  /** How long `rows` take in runs of at most `maxRows`; 0 while too little is known to turn anybody away. */
  estimateMs(rows: number, maxRows: number): number {
    if (this.observed < minObserved || rows <= 0) return 0;
    const variance = this.rowsSquared - this.rows * this.rows;
    const slope = (this.rowsMs - this.rows * this.ms) / (Math.max(0, variance) + prudence);
    const perRow = Math.min(Math.max(0, slope), this.ms / Math.max(1, this.rows));
    const perRun = Math.max(0, this.ms - perRow * this.rows);
    return Math.ceil(rows / maxRows) * perRun + rows * perRow;
  }
}
