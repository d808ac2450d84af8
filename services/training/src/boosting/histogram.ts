import type { Board } from './board.js';

/** Room of one thread to lay gradients in the order of a node's rows. */
export interface Desk {
  readonly gradients: Float32Array;
  readonly hessians: Float32Array;
  /** Of this thread alone: sums of up to four features before they go to the board. */
  readonly sums: Float64Array;
}

/** Of two nodes the smaller is summed: half of the rows at most. */
export function newDesk(rowCount: number): Desk {
  const room = () => new Float32Array(Math.ceil(rowCount / 2));
  return { gradients: room(), hessians: room(), sums: new Float64Array(4 * 768) };
}

function lay({ gradients, hessians, rows, shape }: Board, desk: Desk, output: number, start: number, end: number): void {
  const count = end - start;
  const from = output * shape.rowCount;
  const { gradients: toGradients, hessians: toHessians } = desk;
  for (let i = 0; i < count; i++) {
    const row = from + rows[start + i]!;
    toGradients[i] = gradients[row]!;
    toHessians[i] = hessians[row]!;
  }
}

/** Rows of a node, and their gradients in that order. */
interface Laid {
  readonly rows: Int32Array;
  readonly start: number;
  readonly count: number;
  readonly gradients: Float32Array;
  readonly hessians: Float32Array;
}

/** A feature's bins are at most 256, of three sums each. */
const blockSize = 768;

function sumOne({ rows, start, count, gradients, hessians }: Laid, sums: Float64Array, bins: Uint8Array): void {
  for (let i = 0; i < count; i++) {
    const at = 3 * bins[rows[start + i]!]!;
    sums[at] = sums[at]! + gradients[i]!;
    sums[at + 1] = sums[at + 1]! + hessians[i]!;
    sums[at + 2] = sums[at + 2]! + 1;
  }
}

// four at once: a row and its gradients are read once for all, and four additions wait for nothing of each other
function sumFour(laid: Laid, sums: Float64Array, first: Uint8Array, second: Uint8Array, third: Uint8Array, fourth: Uint8Array): void {
  const { rows, start, count, gradients, hessians } = laid;
  for (let i = 0; i < count; i++) {
    const row = rows[start + i]!;
    const gradient = gradients[i]!;
    const hessian = hessians[i]!;
    const a = 3 * first[row]!;
    const b = 3 * second[row]! + blockSize;
    const c = 3 * third[row]! + 2 * blockSize;
    const d = 3 * fourth[row]! + 3 * blockSize;
    sums[a] = sums[a]! + gradient;
    sums[a + 1] = sums[a + 1]! + hessian;
    sums[a + 2] = sums[a + 2]! + 1;
    sums[b] = sums[b]! + gradient;
    sums[b + 1] = sums[b + 1]! + hessian;
    sums[b + 2] = sums[b + 2]! + 1;
    sums[c] = sums[c]! + gradient;
    sums[c + 1] = sums[c + 1]! + hessian;
    sums[c + 2] = sums[c + 2]! + 1;
    sums[d] = sums[d]! + gradient;
    sums[d + 1] = sums[d + 1]! + hessian;
    sums[d + 2] = sums[d + 2]! + 1;
  }
}

/**
 * Sums gradients by bin over the rows from `start` to `end` of the tree's order. A feature is summed by one thread alone,
 * row after row: the number of threads never changes a sum.
 */
export function sumHistograms(
  board: Board,
  desk: Desk,
  mine: readonly number[],
  node: { output: number; slot: number; start: number; end: number },
): void {
  const { shape, bins, rows, histograms } = board;
  const { output, slot, start, end } = node;
  const isRoot = end - start === shape.rowCount;
  if (!isRoot) lay(board, desk, output, start, end);
  const from = output * shape.rowCount;
  const laid: Laid = {
    rows,
    start,
    count: end - start,
    gradients: isRoot ? board.gradients.subarray(from, from + shape.rowCount) : desk.gradients,
    hessians: isRoot ? board.hessians.subarray(from, from + shape.rowCount) : desk.hessians,
  };
  for (let i = 0; i < mine.length; ) {
    const group = mine.slice(i, i + 4);
    const first = bins[group[0]!]!;
    // two or three are done as four: one that stands in is summed and forgotten
    const [, b = first, c = first, d = first] = group.map((feature) => bins[feature]!);
    desk.sums.fill(0);
    if (group.length === 1) sumOne(laid, desk.sums, first);
    else sumFour(laid, desk.sums, first, b, c, d);
    for (let position = 0; position < group.length; position++) {
      const { offset, binCount } = shape.features[group[position]!]!;
      const from = position * blockSize;
      const to = 3 * (slot * shape.totalBins + offset);
      for (let k = 0; k < 3 * binCount; k++) histograms[to + k] = desk.sums[from + k]!;
    }
    i += group.length;
  }
}

/** What a parent's other child sums to, in the place of the parent. */
export function subtractHistograms({ shape, histograms }: Board, mine: readonly number[], parentSlot: number, childSlot: number): void {
  for (const feature of mine) {
    const { offset, binCount } = shape.features[feature]!;
    const first = 3 * (parentSlot * shape.totalBins + offset);
    const other = 3 * (childSlot * shape.totalBins + offset);
    for (let i = 0; i < 3 * binCount; i++) histograms[first + i] = histograms[first + i]! - histograms[other + i]!;
  }
}
