import type { Measure } from '@bascule/contracts';
import { ascending, bootstrapIntervals } from '@bascule/stats';
import type { Target } from '../trainers/fitted-model.js';
import { lossesOf } from './compare-scores.js';
import { chosenClasses, measuresOf } from './performance.js';

const eceBins = 10;

/** AUC and average precision of rows that count several times; `order` is by ascending score. */
function ranked(
  scores: Float64Array,
  labels: ArrayLike<number>,
  order: Uint32Array,
  counts: Int32Array,
): { auc: number; averagePrecision: number } {
  let positives = 0;
  let rows = 0;
  for (let row = 0; row < counts.length; row++) {
    rows += counts[row]!;
    positives += counts[row]! * labels[row]!;
  }
  let found = 0;
  let chosen = 0;
  let area = 0;
  let precise = 0;
  for (let at = order.length - 1; at >= 0; ) {
    const score = scores[order[at]!]!;
    let ofPositives = 0;
    let ofRows = 0;
    for (; at >= 0 && scores[order[at]!] === score; at--) {
      const row = order[at]!;
      ofRows += counts[row]!;
      ofPositives += counts[row]! * labels[row]!;
    }
    if (ofRows === 0) continue;
    area += (ofRows - ofPositives) * (found + ofPositives / 2);
    found += ofPositives;
    chosen += ofRows;
    precise += (ofPositives / positives) * (found / chosen);
  }
  return { auc: area / (positives * (rows - positives)), averagePrecision: positives === 0 ? Number.NaN : precise };
}

/** Measures of one model on fixed rows, quick to take again when some of the rows count several times and others not at all. */
export class Measurer {
  private readonly rowCount: number;
  private readonly chosen: Int32Array;
  private readonly losses: Float64Array;
  private readonly squares: Float64Array;
  private readonly orders: Uint32Array[];
  private readonly byClass: Float64Array[];

  constructor(
    private readonly scores: Float64Array,
    private readonly labels: ArrayLike<number>,
    private readonly target: Target,
  ) {
    const { task, classes } = target;
    this.rowCount = labels.length;
    this.chosen = task === 'regression' ? new Int32Array(0) : chosenClasses(scores, target);
    this.losses = lossesOf(scores, labels, target);
    this.byClass =
      task === 'multiclass'
        ? classes.map((_, k) => Float64Array.from(labels, (_, row) => scores[row * classes.length + k]!))
        : task === 'binary'
          ? [scores]
          : [];
    this.orders = this.byClass.map((own) => ascending(own));
    this.squares = Float64Array.from(labels, (label, row) => this.squareOf(label, row));
  }

  /** The measures with where each lies in 95 of 100 resamplings of the rows. */
  withIntervals(resamplings: number, seed: number): Measure[] {
    const values = measuresOf(this.scores, this.labels, this.target);
    const counts = new Int32Array(this.rowCount);
    const resampled =
      resamplings > 0
        ? bootstrapIntervals(
            this.rowCount,
            (rows) => {
              counts.fill(0);
              for (const row of rows) counts[row]!++;
              return this.measure(counts);
            },
            { resamplings, seed },
          )
        : {};
    return Object.entries(values)
      .filter(([, value]) => Number.isFinite(value))
      .map(([name, value]) => ({ name, value, interval: resampled[name] ?? null }));
  }

  /** The measures when row i counts `counts[i]` times. */
  measure(counts: Int32Array): Record<string, number> {
    const { task } = this.target;
    if (task === 'regression') return this.measureNumbers(counts);
    const promised = { logLoss: this.meanOf(this.losses, counts), brier: this.meanOf(this.squares, counts) };
    if (task === 'binary')
      return { ...ranked(this.scores, this.labels, this.orders[0]!, counts), ...promised, ece: this.ece(counts), ...this.f1(counts) };
    const areas = this.byClass.map(
      (own, k) =>
        ranked(
          own,
          Uint8Array.from(this.labels, (label) => Number(label === k)),
          this.orders[k]!,
          counts,
        ).auc,
    );
    const told = areas.filter((area) => !Number.isNaN(area));
    return { auc: told.reduce((sum, area) => sum + area, 0) / told.length, ...promised, ...this.f1(counts) };
  }

  private squareOf(label: number, row: number): number {
    const { task, classes } = this.target;
    if (task !== 'multiclass') return (this.scores[row]! - label) ** 2;
    let sum = 0;
    for (let k = 0; k < classes.length; k++) sum += (this.scores[row * classes.length + k]! - Number(k === label)) ** 2;
    return sum;
  }

  private meanOf(values: Float64Array, counts: Int32Array): number {
    let sum = 0;
    let rows = 0;
    for (let row = 0; row < counts.length; row++) {
      sum += counts[row]! * values[row]!;
      rows += counts[row]!;
    }
    return sum / rows;
  }

  private measureNumbers(counts: Int32Array): Record<string, number> {
    let absolute = 0;
    let middle = 0;
    let high = 0;
    let rows = 0;
    for (let row = 0; row < counts.length; row++) {
      const above = this.labels[row]! - this.scores[row]!;
      absolute += counts[row]! * Math.abs(above);
      middle += counts[row]! * 0.5 * Math.abs(above);
      high += counts[row]! * (above >= 0 ? 0.9 * above : -0.1 * above);
      rows += counts[row]!;
    }
    const rmse = Math.sqrt(this.meanOf(this.squares, counts));
    return { mae: absolute / rows, rmse, quantileLoss50: middle / rows, quantileLoss90: high / rows };
  }

  private ece(counts: Int32Array): number {
    const gaps = new Float64Array(eceBins);
    let rows = 0;
    for (let row = 0; row < counts.length; row++) {
      const bin = Math.min(eceBins - 1, Math.max(0, Math.floor(this.scores[row]! * eceBins)));
      gaps[bin] = gaps[bin]! + counts[row]! * (this.scores[row]! - this.labels[row]!);
      rows += counts[row]!;
    }
    return gaps.reduce((sum, gap) => sum + Math.abs(gap), 0) / rows;
  }

  private f1(counts: Int32Array): Record<string, number> {
    const size = this.target.classes.length;
    const [hits, given, support] = [new Float64Array(size), new Float64Array(size), new Float64Array(size)] as const;
    let rows = 0;
    let right = 0;
    for (let row = 0; row < counts.length; row++) {
      const count = counts[row]!;
      const label = this.labels[row]!;
      rows += count;
      support[label] = support[label]! + count;
      given[this.chosen[row]!] = given[this.chosen[row]!]! + count;
      if (this.chosen[row] !== label) continue;
      hits[label] = hits[label]! + count;
      right += count;
    }
    let macro = 0;
    let weighted = 0;
    let occurring = 0;
    for (let k = 0; k < size; k++) {
      if (support[k]! + given[k]! === 0) continue;
      const f1 = (2 * hits[k]!) / (support[k]! + given[k]!);
      occurring++;
      macro += f1;
      weighted += f1 * support[k]!;
    }
    return { accuracy: right / rows, f1Macro: macro / occurring, f1Weighted: weighted / rows };
  }
}
