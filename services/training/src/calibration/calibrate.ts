import { minimise } from '../linear/minimise.js';
import { sigmoid, softmaxInPlace } from '../trainers/sigmoid.js';

/** How raw scores become probabilities that keep what they promise. */
export type Calibration =
  | { readonly kind: 'none' }
  /** Binary: the log odds are stretched and moved. */
  | { readonly kind: 'platt'; readonly slope: number; readonly intercept: number }
  /** Several classes: all scores are divided by one number. */
  | { readonly kind: 'temperature'; readonly factor: number }
  /** Binary: straight lines between points, never falling; flat beyond the ends. */
  | { readonly kind: 'isotonic'; readonly logits: readonly number[]; readonly probabilities: readonly number[] };

export const calibrationMethods = ['none', 'platt', 'isotonic'] as const;
export type CalibrationMethod = (typeof calibrationMethods)[number];

const float = Math.fround;
/** Points lie at least so far apart in log odds: what is steeper would make rounding errors large. */
const narrowest = 0.25;
/** Rows that a point of an isotonic curve rests on at least. */
const rowsPerPoint = 20;

const logisticLoss = (logit: number, label: number) => Math.max(logit, 0) - logit * label + Math.log1p(Math.exp(-Math.abs(logit)));

/** Slope and intercept that make log odds most likely, with Platt's targets so that few rows do not promise certainty. */
export function fitPlatt(logits: Float64Array, labels: ArrayLike<number>): Calibration {
  let positives = 0;
  for (let row = 0; row < logits.length; row++) positives += labels[row]!;
  const yes = (positives + 1) / (positives + 2);
  const no = 1 / (logits.length - positives + 2);
  const scale = 1 / Math.max(logits.length, 1);
  const { point } = minimise((at, gradient) => {
    gradient.fill(0);
    let loss = 0;
    for (let row = 0; row < logits.length; row++) {
      const logit = (1 + at[0]!) * logits[row]! + at[1]!;
      const target = labels[row] === 1 ? yes : no;
      loss += logisticLoss(logit, target);
      const residual = sigmoid(logit) - target;
      gradient[0] = gradient[0]! + residual * logits[row]! * scale;
      gradient[1] = gradient[1]! + residual * scale;
    }
    return loss * scale;
  }, 2);
  // a model that is worse than nothing must not be turned round behind its back: then it tells nothing but how many there are
  if (1 + point[0]! <= 0) return { kind: 'platt', slope: 0, intercept: float(Math.log((positives + 1) / (logits.length - positives + 1))) };
  return { kind: 'platt', slope: float(1 + point[0]!), intercept: float(point[1]!) };
}

/** The number that all scores are divided by. @param scores output after output */
export function fitTemperature(scores: readonly Float64Array[], labels: ArrayLike<number>): Calibration {
  const rowCount = scores[0]!.length;
  const own = new Float64Array(scores.length);
  const { point } = minimise((at, gradient) => {
    const factor = Math.exp(at[0]!);
    let loss = 0;
    let slope = 0;
    for (let row = 0; row < rowCount; row++) {
      for (let k = 0; k < own.length; k++) own[k] = scores[k]![row]! * factor;
      softmaxInPlace(own);
      const label = labels[row]!;
      loss -= Math.log(Math.max(own[label]!, 1e-300));
      for (let k = 0; k < own.length; k++) slope += (own[k]! - (k === label ? 1 : 0)) * scores[k]![row]! * factor;
    }
    gradient[0] = slope / rowCount;
    return loss / rowCount;
  }, 1);
  return { kind: 'temperature', factor: float(Math.exp(point[0]!)) };
}

interface Block {
  readonly logit: number;
  readonly positives: number;
  readonly rows: number;
}

const merged = (a: Block, b: Block): Block => ({
  logit: (a.logit * a.rows + b.logit * b.rows) / (a.rows + b.rows),
  positives: a.positives + b.positives,
  rows: a.rows + b.rows,
});

/** Neighbouring rows come together until blocks are large and far enough apart, and their shares never fall (pool adjacent violators). */
function pool(logits: Float64Array, labels: ArrayLike<number>): Block[] {
  const order = Uint32Array.from(logits, (_, row) => row).sort((a, b) => logits[a]! - logits[b]! || a - b);
  const blocks: Block[] = [];
  for (const row of order) {
    let block: Block = { logit: logits[row]!, positives: labels[row]!, rows: 1 };
    for (let last = blocks.at(-1); last; last = blocks.at(-1)) {
      const isFar = last.rows >= rowsPerPoint && block.logit - last.logit >= narrowest;
      if (isFar && last.positives / last.rows <= block.positives / block.rows) break;
      if (isFar && block.rows < rowsPerPoint) break;
      block = merged(last, block);
      blocks.pop();
    }
    blocks.push(block);
  }
  return settle(blocks);
}

/** What was let stand while blocks were still growing is put right. */
function settle(blocks: readonly Block[]): Block[] {
  const done: Block[] = [];
  for (const next of blocks) {
    let block = next;
    for (let last = done.at(-1); last; last = done.at(-1)) {
      const isFine =
        last.positives / last.rows <= block.positives / block.rows && block.rows >= rowsPerPoint && block.logit - last.logit >= narrowest;
      if (isFine) break;
      block = merged(last, block);
      done.pop();
    }
    done.push(block);
  }
  return done;
}

/** Points of a curve that never falls. */
export function fitIsotonic(logits: Float64Array, labels: ArrayLike<number>): Calibration {
  const blocks = pool(logits, labels);
  // half a row more of each class: no point promises certainty
  const probabilities = blocks.map(({ positives, rows }) => float((positives + 0.5) / (rows + 1)));
  for (let i = 1; i < probabilities.length; i++) probabilities[i] = Math.max(probabilities[i]!, probabilities[i - 1]!);
  return { kind: 'isotonic', logits: blocks.map(({ logit }) => float(logit)), probabilities };
}

/** Probability of the positive class from log odds. */
export function calibrated(calibration: Calibration, logit: number): number {
  if (calibration.kind === 'platt') return sigmoid(calibration.slope * logit + calibration.intercept);
  if (calibration.kind !== 'isotonic') return sigmoid(logit);
  const { logits, probabilities } = calibration;
  let probability = probabilities[0]!;
  for (let i = 1; i < logits.length; i++) {
    const share = (logit - logits[i - 1]!) / (logits[i]! - logits[i - 1]!);
    probability += Math.min(Math.max(share, 0), 1) * (probabilities[i]! - probabilities[i - 1]!);
  }
  return probability;
}
