import { sharedIntegers } from '../trainers/frame.js';

/** What the threads know of a feature. */
export interface BoardFeature {
  readonly isText: boolean;
  readonly binCount: number;
  /** Of numbers: the bin of what is missing. */
  readonly missingBin: number;
  /** Where its bins begin among those of all features. */
  readonly offset: number;
  /** 1: the answer may not fall as the number grows; -1: not rise; 0: anything. */
  readonly monotone: -1 | 0 | 1;
}

export interface BoardShape {
  readonly rowCount: number;
  /** Trees per round: one, or one per class. */
  readonly outputs: number;
  readonly loss: 'logistic' | 'softmax' | 'squared';
  readonly features: readonly BoardFeature[];
  readonly totalBins: number;
  readonly slotCount: number;
  readonly threads: number;
  readonly limits: SplitLimits;
}

export interface SplitLimits {
  readonly minRowsInLeaf: number;
  readonly l2: number;
}

type Shared<T> = T & { readonly buffer: SharedArrayBuffer };

/** The memory that all threads of a fit work on. */
export interface Board {
  readonly shape: BoardShape;
  /** Bin of each row, by feature. */
  readonly bins: readonly Uint8Array[];
  /** Positions of classes, or numbers. */
  readonly labels: Uint8Array | Float64Array;
  /** How much a row counts; absent: all the same. */
  readonly weights: Float32Array | undefined;
  /** Score of each row so far, output after output. */
  readonly raw: Float64Array;
  readonly gradients: Float32Array;
  readonly hessians: Float32Array;
  /** Rows in the order of the leaves of the tree that grows. */
  readonly rows: Int32Array;
  /** Sums of gradients, of hessians and of rows, bin after bin, slot after slot. */
  readonly histograms: Float64Array;
  /** Arguments of the work at hand; see `work.ts`. */
  readonly control: Int32Array;
  readonly numbers: Float64Array;
  /** The best split of each of two nodes that each thread found. */
  readonly candidates: Float64Array;
}

/** Entries of a candidate: gain, feature, bin, whether missing ones go left, sums of the left side, and 256 bits of texts that go left. */
export const candidateSize = 16;
export const candidateAt = { gain: 0, feature: 1, bin: 2, missingLeft: 3, gradient: 4, hessian: 5, rows: 6, words: 7 } as const;

/** Numbers that describe a node to the threads: two nodes at most. */
export const nodeSize = 5;
export const nodeAt = { gradient: 0, hessian: 1, rows: 2, lower: 3, upper: 4 } as const;

const floats64 = (length: number): Shared<Float64Array> =>
  new Float64Array(new SharedArrayBuffer(length * 8)) as unknown as Shared<Float64Array>;
const floats32 = (length: number) => new Float32Array(new SharedArrayBuffer(length * 4));

/** Bytes are enough for positions of classes. */
function sharedLabels(labels: Float64Array, loss: BoardShape['loss']): Board['labels'] {
  const shared = loss === 'squared' ? floats64(labels.length) : new Uint8Array(new SharedArrayBuffer(labels.length));
  shared.set(labels);
  return shared;
}

/** Room for a fit on rows in bins. */
export function createBoard(
  shape: BoardShape,
  { bins, labels, weights }: { bins: readonly Uint8Array[]; labels: Float64Array; weights: Float32Array | undefined },
): Board {
  const { rowCount, outputs, totalBins, slotCount, threads } = shape;
  const counted = weights ? floats32(rowCount) : undefined;
  if (weights) counted!.set(weights);
  return {
    shape,
    bins,
    labels: sharedLabels(labels, shape.loss),
    weights: counted,
    raw: floats64(rowCount * outputs),
    gradients: floats32(rowCount * outputs),
    hessians: floats32(rowCount * outputs),
    rows: sharedIntegers(rowCount),
    histograms: floats64(slotCount * totalBins * 3),
    control: sharedIntegers(16),
    numbers: floats64(2 * nodeSize + 2 * 1024),
    candidates: floats64(threads * 2 * candidateSize),
  };
}
