import { type Board, type BoardFeature, candidateAt, candidateSize, nodeAt, nodeSize, type SplitLimits } from './board.js';

/** A leaf with less curvature than this would get a value from hardly anything. */
const minHessian = 1e-3;
/** What rounding alone can seem to gain. */
const minGain = 1e-9;
/** Texts with fewer rows in a node are not told apart there (as in scikit-learn and LightGBM). */
const minTextSupport = 10;
/** Pulls texts with few rows to the middle of the order. */
const textSmoothing = 10;

interface Node {
  readonly gradient: number;
  readonly hessian: number;
  readonly rows: number;
  readonly lower: number;
  readonly upper: number;
}

/** Value of a leaf with these sums, within its bounds; before the learning rate. */
export function leafValue(gradient: number, hessian: number, l2: number, lower: number, upper: number): number {
  return Math.min(Math.max(-gradient / (hessian + l2), lower), upper);
}

/** What is left of the loss in a leaf with these sums; below 0, the lower the better. */
export function leafLoss(gradient: number, hessian: number, l2: number, { lower, upper }: Pick<Node, 'lower' | 'upper'>): number {
  const value = leafValue(gradient, hessian, l2, lower, upper);
  return gradient * value + 0.5 * (hessian + l2) * value * value;
}

/** Orders the first entries by rank, equals as they were. In place: an array's own sort makes garbage, and this is asked for at every node. */
function sortByRank(order: Int32Array, ranks: Float64Array, count: number): void {
  for (let i = 1; i < count; i++) {
    const bin = order[i]!;
    const rank = ranks[bin]!;
    let at = i;
    for (; at > 0 && ranks[order[at - 1]!]! > rank; at--) order[at] = order[at - 1]!;
    order[at] = bin;
  }
}

/** Looks for the best split of one node among some features and writes it down. */
export class SplitSearch {
  private readonly order = new Int32Array(256);
  private readonly ranks = new Float64Array(256);
  private readonly limits: SplitLimits;
  private node!: Node;
  private out = 0;

  constructor(private readonly board: Board) {
    this.limits = board.shape.limits;
  }

  /** @param which the first or the second of the two nodes at hand */
  search(mine: readonly number[], slot: number, which: 0 | 1, thread: number): void {
    const { candidates, numbers, shape } = this.board;
    const at = which * nodeSize;
    this.node = {
      gradient: numbers[at + nodeAt.gradient]!,
      hessian: numbers[at + nodeAt.hessian]!,
      rows: numbers[at + nodeAt.rows]!,
      lower: numbers[at + nodeAt.lower]!,
      upper: numbers[at + nodeAt.upper]!,
    };
    this.out = (thread * 2 + which) * candidateSize;
    candidates.fill(0, this.out, this.out + candidateSize);
    candidates[this.out] = minGain;
    candidates[this.out + candidateAt.feature] = -1;
    const before = leafLoss(this.node.gradient, this.node.hessian, this.limits.l2, this.node);
    for (const feature of mine) {
      const of = shape.features[feature]!;
      const first = 3 * (slot * shape.totalBins + of.offset);
      if (of.isText) this.searchTexts(feature, of, first, before);
      else this.searchNumbers(feature, of, first, before);
    }
  }

  private searchNumbers(feature: number, of: BoardFeature, first: number, before: number): void {
    const { histograms } = this.board;
    const missing = first + 3 * of.missingBin;
    this.scanNumbers(feature, of, first, before, false);
    if (histograms[missing + 2]! > 0) this.scanNumbers(feature, of, first, before, true);
  }

  private scanNumbers(feature: number, of: BoardFeature, first: number, before: number, missingLeft: boolean): void {
    const { histograms } = this.board;
    const { minRowsInLeaf, l2 } = this.limits;
    const { node } = this;
    const missing = first + 3 * of.missingBin;
    let gradient = missingLeft ? histograms[missing]! : 0;
    let hessian = missingLeft ? histograms[missing + 1]! : 0;
    let rows = missingLeft ? histograms[missing + 2]! : 0;
    const isBounded = of.monotone !== 0 || node.lower !== Number.NEGATIVE_INFINITY || node.upper !== Number.POSITIVE_INFINITY;
    let best = this.board.candidates[this.out]!;
    // without missing ones the last threshold leaves nothing on the right
    for (let bin = 0; bin < of.missingBin; bin++) {
      const at = first + 3 * bin;
      gradient += histograms[at]!;
      hessian += histograms[at + 1]!;
      rows += histograms[at + 2]!;
      if (rows < minRowsInLeaf || hessian < minHessian) continue;
      const right = node.hessian - hessian;
      if (node.rows - rows < minRowsInLeaf || right < minHessian) break;
      const rest = node.gradient - gradient;
      const gain = isBounded
        ? this.boundedGain(of.monotone, before, gradient, hessian, rest, right)
        : before + 0.5 * ((gradient * gradient) / (hessian + l2) + (rest * rest) / (right + l2));
      if (gain > best) {
        best = gain;
        const goesLeft = histograms[missing + 2]! > 0 ? missingLeft : rows > node.rows - rows;
        this.write(gain, feature, bin, goesLeft, gradient, hessian, rows);
      }
    }
  }

  private boundedGain(monotone: -1 | 0 | 1, before: number, gradient: number, hessian: number, rest: number, right: number): number {
    const { l2 } = this.limits;
    const { lower, upper } = this.node;
    const values = [leafValue(gradient, hessian, l2, lower, upper), leafValue(rest, right, l2, lower, upper)] as const;
    if ((values[1] - values[0]) * monotone < 0) return Number.NEGATIVE_INFINITY;
    return before - leafLoss(gradient, hessian, l2, this.node) - leafLoss(rest, right, l2, this.node);
  }

  private searchTexts(feature: number, of: BoardFeature, first: number, before: number): void {
    const { histograms } = this.board;
    const { order, ranks, node } = this;
    const perHessian = node.rows / node.hessian;
    let used = 0;
    for (let bin = 0; bin < of.binCount; bin++) {
      const at = first + 3 * bin;
      const hessian = histograms[at + 1]!;
      if (histograms[at + 2]! < 0.5 || hessian * perHessian < minTextSupport) continue;
      ranks[bin] = histograms[at]! / (hessian + textSmoothing);
      order[used++] = bin;
    }
    if (used === 0) return;
    sortByRank(order, ranks, used);
    for (const isReversed of [false, true]) this.scanTexts(feature, first, before, used, isReversed);
  }

  private scanTexts(feature: number, first: number, before: number, used: number, isReversed: boolean): void {
    const { histograms, candidates } = this.board;
    const { minRowsInLeaf } = this.limits;
    const { order, node } = this;
    const hasOther = histograms[first + 2]! > 0.5;
    let gradient = 0;
    let hessian = 0;
    let rows = 0;
    for (let i = 0; i < (used + 1) >> 1; i++) {
      const at = first + 3 * order[isReversed ? used - 1 - i : i]!;
      gradient += histograms[at]!;
      hessian += histograms[at + 1]!;
      rows += histograms[at + 2]!;
      if (rows < minRowsInLeaf || hessian < minHessian) continue;
      const right = node.hessian - hessian;
      if (node.rows - rows < minRowsInLeaf || right < minHessian) break;
      const gain = this.boundedGain(0, before, gradient, hessian, node.gradient - gradient, right);
      if (gain <= candidates[this.out]!) continue;
      this.write(gain, feature, 0, false, gradient, hessian, rows);
      const words = this.out + candidateAt.words;
      candidates.fill(0, words, words + 8);
      for (let k = 0; k <= i; k++) {
        const bin = order[isReversed ? used - 1 - k : k]!;
        candidates[words + (bin >> 5)] = (candidates[words + (bin >> 5)]! | (1 << (bin & 31))) >>> 0;
      }
      // unseen texts go with the majority where no rare one says anything; few rare ones go where they were counted
      if (!hasOther && rows > node.rows - rows) candidates[words] = (candidates[words]! | 1) >>> 0;
    }
  }

  private write(gain: number, feature: number, bin: number, missingLeft: boolean, gradient: number, hessian: number, rows: number): void {
    const { candidates } = this.board;
    const { out } = this;
    candidates[out] = gain;
    candidates[out + candidateAt.feature] = feature;
    candidates[out + candidateAt.bin] = bin;
    candidates[out + candidateAt.missingLeft] = missingLeft ? 1 : 0;
    candidates[out + candidateAt.gradient] = gradient;
    candidates[out + candidateAt.hessian] = hessian;
    candidates[out + candidateAt.rows] = rows;
  }
}
