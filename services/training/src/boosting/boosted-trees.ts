import type { Frame } from '../trainers/frame.js';
import type { Feature } from '../trainers/row.js';
import { softmaxInPlace } from '../trainers/sigmoid.js';
import { type BinnedRows, binnedBetween, binRows } from './binned-rows.js';
import { binCountOf, binsOf, type FeatureBins, missingBinOf } from './bins.js';
import { type BoardFeature, type BoardShape, createBoard } from './board.js';
import { Crew, threadsFor } from './crew.js';
import { TreeGrower } from './grow-tree.js';
import { addTree, type Tree } from './tree.js';
import { commands } from './work.js';

export interface BoostingParams {
  /** Rounds at most; each grows one tree, or one per class. */
  readonly trees: number;
  readonly learningRate: number;
  readonly maxLeaves: number;
  readonly maxDepth: number;
  readonly minRowsInLeaf: number;
  readonly l2: number;
  readonly maxBins: number;
  /** Share of the rows, the last ones, that say when to stop; 0 never stops early. */
  readonly validationFraction: number;
  /** Stop after so many rounds that did not get better. */
  readonly patience: number;
}

export type BoostingTask =
  | { readonly task: 'binary' }
  | { readonly task: 'regression' }
  | { readonly task: 'multiclass'; classCount: number };

/** Texts of fewer rows share one bin with unseen ones. */
const rareBelow = 5;
/** Less than this is no progress. */
const tolerance = 1e-7;

export interface BoostedTrees {
  readonly features: readonly Feature[];
  readonly bins: readonly FeatureBins[];
  readonly outputs: number;
  /** Round after round, one tree per output; undefined where no split gained anything. */
  readonly rounds: readonly (readonly (Tree | undefined)[])[];
  /** Score of every row before the first tree. */
  readonly base: Float64Array;
  /** Of a regression: what a score of 1 stands for; the trees see numbers of middle size. */
  readonly scale: number;
  /** Loss on the validation rows after each round; empty without early stopping. */
  readonly validationLosses: readonly number[];
}

export interface Watch {
  /** After each round, with its loss on the validation rows when there are some. */
  onRound?(round: number, loss: number | undefined): void;
}

const lossOf = { binary: 'logistic', multiclass: 'softmax', regression: 'squared' } as const;

function boardFeatures(features: readonly Feature[], bins: readonly FeatureBins[]): BoardFeature[] {
  let offset = 0;
  return bins.map((of, index) => {
    const binCount = binCountOf(of);
    const { monotone } = features[index]!;
    const direction = monotone === undefined || of.kind === 'texts' ? 0 : monotone === 'increasing' ? 1 : -1;
    const missingBin = of.kind === 'numbers' ? missingBinOf(of) : -1;
    const feature: BoardFeature = { isText: of.kind === 'texts', binCount, missingBin, offset, monotone: direction };
    offset += binCount;
    return feature;
  });
}

/** Score before any tree: what minimises the loss without knowing the features. */
function baseOf(task: BoostingTask, labels: Float64Array, weights: Float32Array | undefined): Float64Array {
  const outputs = task.task === 'multiclass' ? task.classCount : 1;
  const sums = new Float64Array(outputs);
  let total = 0;
  for (let row = 0; row < labels.length; row++) {
    const weight = weights ? weights[row]! : 1;
    total += weight;
    if (task.task === 'multiclass') sums[labels[row]!] = sums[labels[row]!]! + weight;
    else sums[0] = sums[0]! + weight * labels[row]!;
  }
  // half a row for each class, so that a class without rows has a logarithm
  if (task.task === 'binary') return Float64Array.of(Math.fround(Math.log((sums[0]! + 0.5) / (total - sums[0]! + 0.5))));
  if (task.task === 'multiclass') return sums.map((sum) => Math.fround(Math.log((sum + 0.5) / (total + 0.5 * outputs))));
  return Float64Array.of(0);
}

/** Mean and deviation of the numbers to tell: trees are grown on standard ones. */
function standardOf(labels: Float64Array): { mean: number; scale: number } {
  const mean = labels.reduce((sum, value) => sum + value, 0) / Math.max(labels.length, 1);
  const squares = labels.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean: Math.fround(mean), scale: Math.fround(Math.sqrt(squares / Math.max(labels.length, 1))) || 1 };
}

interface Validation {
  readonly labels: Float64Array;
  readonly weights: Float32Array | undefined;
  readonly bins: readonly Uint8Array[];
  readonly scores: readonly Float64Array[];
}

function lossOn({ labels, weights, scores }: Validation, task: BoostingTask['task']): number {
  let [sum, total] = [0, 0];
  const own = new Float64Array(scores.length);
  for (let row = 0; row < labels.length; row++) {
    const label = labels[row]!;
    const weight = weights ? weights[row]! : 1;
    total += weight;
    if (task === 'regression') sum += weight * (scores[0]![row]! - label) ** 2;
    else if (task === 'binary') {
      const logit = scores[0]![row]!;
      sum += weight * (Math.max(logit, 0) - logit * label + Math.log1p(Math.exp(-Math.abs(logit))));
    } else {
      for (let k = 0; k < own.length; k++) own[k] = scores[k]![row]!;
      softmaxInPlace(own);
      sum -= weight * Math.log(Math.max(own[label]!, 1e-15));
    }
  }
  return sum / total;
}

/** The last rows say when to stop; fewer than fifty say nothing. */
function cutForValidation(rowCount: number, fraction: number): number {
  const held = Math.floor(rowCount * fraction);
  return held < 50 ? rowCount : rowCount - held;
}

/** Rows in bins: those that trees grow on, and those that say when to stop. */
export interface Prepared {
  readonly grown: BinnedRows;
  readonly held: BinnedRows | undefined;
}

/** Bins rows; the columns they come from are not needed any more. */
export function prepareRows(frame: Frame, { maxBins, validationFraction }: BoostingParams): Prepared {
  const cut = cutForValidation(frame.rowCount, validationFraction);
  const rows = binRows(frame, { maxBins, rareBelow }, cut);
  if (cut === frame.rowCount) return { grown: rows, held: undefined };
  return { grown: binnedBetween(rows, 0, cut), held: binnedBetween(rows, cut, frame.rowCount) };
}

/**
 * Fits boosted trees on histograms of binned features, as LightGBM and scikit-learn do; none of the kept JavaScript
 * libraries has them with missing values, texts and early stopping. The same rows and parameters give the same trees, however many threads work on them.
 */
export async function fitBoostedTrees(
  { grown, held }: Prepared,
  task: BoostingTask,
  params: BoostingParams,
  { weights, watch = {}, threads }: { weights?: Float32Array | undefined; watch?: Watch; threads?: number } = {},
): Promise<BoostedTrees> {
  const { bins, rowCount } = grown;
  const { mean, scale } = task.task === 'regression' ? standardOf(grown.labels) : { mean: 0, scale: 1 };
  const standard = (labels: Float64Array) => (task.task === 'regression' ? labels.map((value) => (value - mean) / scale) : labels);
  const ownWeights = weights?.subarray(0, rowCount);
  const base = baseOf(task, grown.labels, ownWeights);
  const features = boardFeatures(grown.features, bins);
  const shape: BoardShape = {
    rowCount,
    outputs: base.length,
    loss: lossOf[task.task],
    features,
    totalBins: features.reduce((sum, { binCount }) => sum + binCount, 0),
    slotCount: params.maxLeaves + 1,
    threads: threads ?? threadsFor(rowCount * features.length, features.length),
    limits: { minRowsInLeaf: params.minRowsInLeaf, l2: params.l2 },
  };
  const board = createBoard(shape, { bins: grown.values, labels: standard(grown.labels), weights: ownWeights });
  for (const [k, start] of base.entries()) board.raw.fill(start, k * rowCount, (k + 1) * rowCount);
  const validation: Validation | undefined = held && {
    labels: standard(held.labels),
    weights: weights?.subarray(rowCount),
    bins: held.values,
    scores: [...base].map((start) => new Float64Array(held.rowCount).fill(start)),
  };
  const crew = await Crew.gather({ board });
  try {
    const { rounds, losses } = boost(new TreeGrower(board, crew, params), crew, { task, params, shape, validation, watch });
    const begin = baseAsAnswered(task, base, mean);
    return { features: grown.features, bins, outputs: base.length, rounds, base: begin, scale, validationLosses: losses };
  } finally {
    await crew.dismiss();
  }
}

/** Of a regression the answer begins at the mean, where the trees began at 0. */
function baseAsAnswered({ task }: BoostingTask, base: Float64Array, mean: number): Float64Array {
  return task === 'regression' ? Float64Array.of(mean) : base;
}

interface Boosting {
  readonly task: BoostingTask;
  readonly params: BoostingParams;
  readonly shape: BoardShape;
  readonly validation: Validation | undefined;
  readonly watch: Watch;
}

/** Round after round, until there are enough, none gains anything, or the validation rows say that it gets no better. */
function boost(grower: TreeGrower, crew: Crew, { task, params, shape, validation, watch }: Boosting) {
  const rounds: (Tree | undefined)[][] = [];
  const losses: number[] = [];
  const missingBins = shape.features.map(({ missingBin }) => missingBin);
  let best = { loss: Number.POSITIVE_INFINITY, rounds: 0 };
  for (let round = 1; round <= params.trees; round++) {
    crew.order(commands.gradients);
    const trees = Array.from({ length: shape.outputs }, (_, output) => grower.grow(output));
    if (trees.every((tree) => tree === undefined)) break;
    rounds.push(trees);
    if (!validation) {
      watch.onRound?.(round, undefined);
      continue;
    }
    for (const [output, tree] of trees.entries()) if (tree) addTree(tree, validation.bins, missingBins, validation.scores[output]!);
    const loss = lossOn(validation, task.task);
    losses.push(loss);
    watch.onRound?.(round, loss);
    if (loss < best.loss - tolerance) best = { loss, rounds: round };
    else if (round - best.rounds >= params.patience) break;
  }
  return { rounds: validation ? rounds.slice(0, best.rounds) : rounds, losses };
}

/** Scores of rows, output after output: log odds, one score per class, or the number itself. */
export function scoreTrees(model: BoostedTrees, frame: Frame): Float64Array[] {
  const bins = frame.columns.map((column, feature) => binsOf(column, model.bins[feature]!, frame.rowCount));
  const missingBins = model.bins.map((of) => (of.kind === 'numbers' ? missingBinOf(of) : -1));
  return Array.from({ length: model.outputs }, (_, output) => {
    const scores = new Float64Array(frame.rowCount);
    for (const trees of model.rounds) if (trees[output]) addTree(trees[output], bins, missingBins, scores);
    const start = model.base[output]!;
    return scores.map((score) => start + score * model.scale);
  });
}
