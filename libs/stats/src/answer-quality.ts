/** A measure of a sample, and how far it may lie from that of all cases: one standard error. */
export interface Estimate {
  readonly value: number;
  readonly standardError: number;
}

/** Clipping keeps one certain mistake from deciding a mean. */
const smallestProbability = 1e-6;

/** Sums of numbers: their mean, and the error of it. */
class Sums {
  private count = 0;
  private sum = 0;
  private squares = 0;

  add(value: number): void {
    this.count++;
    this.sum += value;
    this.squares += value * value;
  }

  mean(): Estimate {
    const value = this.sum / this.count;
    const variance = Math.max(0, this.squares / this.count - value * value);
    return { value, standardError: Math.sqrt(variance / Math.max(1, this.count - 1)) };
  }
}

/** How good answers of several classes are, row after row in memory that does not grow. */
export class ClassQuality {
  rowCount = 0;
  private readonly losses = new Sums();
  private readonly confusion: number[][];

  constructor(private readonly classCount: number) {
    this.confusion = Array.from({ length: classCount }, () => new Array<number>(classCount).fill(0));
  }

  /** @returns false, and counts nothing, when the answer or the label is none of these classes */
  add(probabilities: ArrayLike<number>, label: number): boolean {
    if (probabilities.length !== this.classCount || !(label in this.confusion)) return false;
    let chosen = 0;
    for (let k = 0; k < this.classCount; k++) {
      if (!(probabilities[k]! >= 0 && probabilities[k]! <= 1)) return false;
      if (probabilities[k]! > probabilities[chosen]!) chosen = k;
    }
    this.rowCount++;
    this.confusion[label]![chosen]!++;
    this.losses.add(-Math.log(Math.max(smallestProbability, probabilities[label]!)));
    return true;
  }

  /** Accuracy, macro F1 and log loss with their errors. */
  measures(): Record<'accuracy' | 'f1Macro' | 'logLoss', Estimate> {
    const right = this.confusion.reduce((sum, row, k) => sum + row[k]!, 0) / this.rowCount;
    const accuracy = { value: right, standardError: Math.sqrt((right * (1 - right)) / this.rowCount) };
    return { accuracy, f1Macro: macroF1(this.confusion, this.rowCount), logLoss: this.losses.mean() };
  }
}

/** Macro F1 over the classes that occur; its error by the delta method on the shares of the confusion. */
function macroF1(confusion: readonly (readonly number[])[], rowCount: number): Estimate {
  const hits = confusion.map((row, k) => row[k]! / rowCount);
  const weights = confusion.map(
    (row, k) => (row.reduce((a, b) => a + b, 0) + confusion.reduce((sum, other) => sum + other[k]!, 0)) / rowCount,
  );
  const occurring = weights.filter((weight) => weight > 0).length;
  const value = weights.reduce((sum, weight, k) => sum + (weight > 0 ? (2 * hits[k]!) / weight : 0), 0) / occurring;
  let [mean, squares] = [0, 0];
  for (const [i, row] of confusion.entries()) {
    for (const [j, count] of row.entries()) {
      if (count === 0) continue;
      // how F1 of the class that was, and of the one that was said, move with one more such row
      const lost = (k: number) => (-2 * hits[k]!) / weights[k]! ** 2;
      const slope = (lost(i) + lost(j) + (i === j ? 2 / weights[i]! : 0)) / occurring;
      mean += (count / rowCount) * slope;
      squares += (count / rowCount) * slope * slope;
    }
  }
  return { value, standardError: Math.sqrt(Math.max(0, squares - mean * mean) / rowCount) };
}

/** How far answered numbers lie from the truth, row after row in memory that does not grow. */
export class NumberQuality {
  rowCount = 0;
  private readonly distances = new Sums();
  private readonly squares = new Sums();

  /** @returns false, and counts nothing, when one of them is no number */
  add(answer: number, truth: number): boolean {
    if (!Number.isFinite(answer) || !Number.isFinite(truth)) return false;
    this.rowCount++;
    this.distances.add(Math.abs(answer - truth));
    this.squares.add((answer - truth) ** 2);
    return true;
  }

  /** Mean absolute error and root mean squared error with their errors. */
  measures(): Record<'mae' | 'rmse', Estimate> {
    const { value, standardError } = this.squares.mean();
    const rmse = Math.sqrt(value);
    return { mae: this.distances.mean(), rmse: { value: rmse, standardError: rmse > 0 ? standardError / (2 * rmse) : 0 } };
  }
}
