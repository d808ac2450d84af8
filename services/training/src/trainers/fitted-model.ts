import type { ModelTask } from '@bascule/contracts';
import { type BoostedModel, fitBoosting, scoreBoosting } from '../boosting/boosted-model.js';
import { type BoostingParams, type Watch } from '../boosting/boosted-trees.js';
import type { Calibration } from '../calibration/calibrate.js';
import { calibrated } from '../calibration/calibrate.js';
import { emitAnswers } from '../graph/emit-answers.js';
import { GraphBuilder } from '../graph/graph-builder.js';
import { emitLinear } from '../graph/linear-graph.js';
import { emitTrees } from '../graph/trees-graph.js';
import { fitLinear, type LinearModel, type LinearParams, scoreLinear } from '../linear/fit-linear.js';
import type { Frame } from './frame.js';
import { datatypeOf, type Feature } from './row.js';
import { softmaxInPlace } from './sigmoid.js';

/** What a model is to tell. */
export interface Target {
  readonly task: ModelTask;
  /** Names of the classes by position; empty for a regression. */
  readonly classes: readonly string[];
}

/** A model before its scores become answers. */
export interface Scorer {
  /** Scores of rows, output after output. */
  score(frame: Frame): Float64Array[];
  /** The same in a graph. @returns name of a tensor with a column for each output */
  emit(graph: GraphBuilder, inputs: readonly string[]): string;
  /** Numbers of the trainer's own. */
  readonly metrics: Readonly<Record<string, number>>;
}

export interface FittedModel {
  readonly features: readonly Feature[];
  readonly target: Target;
  readonly scorer: Scorer;
  readonly calibration: Calibration;
}

const taskOf = ({ task, classes }: Target) => (task === 'multiclass' ? { task, classCount: classes.length } : { task });

/** A linear model as a scorer. */
export function linearScorer(model: LinearModel): Scorer {
  return {
    score: (frame) => scoreLinear(model, frame),
    emit: (graph, inputs) => emitLinear(graph, model, inputs),
    metrics: { iterations: model.iterations },
  };
}

/** Boosted trees as a scorer. */
export function boostedScorer(model: BoostedModel): Scorer {
  const { rounds, validationLosses } = model.trees;
  return {
    score: (frame) => scoreBoosting(model, frame),
    emit: (graph, inputs) => emitTrees(graph, model, inputs),
    metrics: { rounds: rounds.length, ...(validationLosses.length > 0 ? { validationLoss: Math.min(...validationLosses) } : {}) },
  };
}

/** Fits on rows that it asks for when it needs them: what nobody holds meanwhile takes no room while it computes. */
export type Trainer = (rows: () => Frame, rowWeights: Float32Array | undefined) => Promise<Scorer>;

export const linearTrainer =
  (target: Target, params: LinearParams): Trainer =>
  async (rows, rowWeights) =>
    linearScorer(fitLinear(rows(), taskOf(target), params, rowWeights));

export const boostingTrainer =
  (target: Target, params: BoostingParams, watch: Watch = {}): Trainer =>
  async (rows, weights) =>
    boostedScorer(await fitBoosting(rows, taskOf(target), params, { weights, watch }));

/**
 * What a model answers: of a binary one the probability of the positive class, of several classes a probability each, row
 * after row, of a regression the number.
 */
export function answersOf({ scorer, target, calibration }: FittedModel, frame: Frame): Float64Array {
  const scores = scorer.score(frame);
  if (target.task === 'regression') return scores[0]!;
  if (target.task === 'binary') return scores[0]!.map((logit) => calibrated(calibration, logit));
  const factor = calibration.kind === 'temperature' ? calibration.factor : 1;
  const count = target.classes.length;
  const answers = new Float64Array(frame.rowCount * count);
  for (let row = 0; row < frame.rowCount; row++) {
    const own = answers.subarray(row * count, (row + 1) * count);
    for (let k = 0; k < count; k++) own[k] = scores[k]![row]! * factor;
    softmaxInPlace(own);
  }
  return answers;
}

/** Writes a model as one ONNX graph: raw, typed features in, named and typed answers out; no loops, no other file. */
export function writeOnnx({ features, target, scorer, calibration }: FittedModel, about: { modelName: string; about: string }): Uint8Array {
  const graph = new GraphBuilder();
  const inputs = features.map((feature) => graph.input(feature.name, datatypeOf(feature)));
  const scores = scorer.emit(graph, inputs);
  emitAnswers(graph, target.task, Math.max(target.classes.length, 2), calibration, scores);
  return graph.bytes(about);
}
