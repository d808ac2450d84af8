/** Mean distance between what was told and what was true. */
export function meanAbsoluteError(told: ArrayLike<number>, truth: ArrayLike<number>): number {
  let sum = 0;
  for (let row = 0; row < truth.length; row++) sum += Math.abs(told[row]! - truth[row]!);
  return sum / truth.length;
}

/** Root of the mean squared distance. */
export function rootMeanSquaredError(told: ArrayLike<number>, truth: ArrayLike<number>): number {
  let sum = 0;
  for (let row = 0; row < truth.length; row++) sum += (told[row]! - truth[row]!) ** 2;
  return Math.sqrt(sum / truth.length);
}

/** Mean pinball loss of a told quantile: too low costs `level` per unit, too high the rest of 1. */
export function quantileLoss(told: ArrayLike<number>, truth: ArrayLike<number>, level: number): number {
  let sum = 0;
  for (let row = 0; row < truth.length; row++) {
    const above = truth[row]! - told[row]!;
    sum += above >= 0 ? level * above : (level - 1) * above;
  }
  return sum / truth.length;
}
