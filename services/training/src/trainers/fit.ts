import type { EvaluationReport } from '@bascule/contracts';
import { type Calibration, type CalibrationMethod, fitIsotonic, fitPlatt, fitTemperature } from '../calibration/calibrate.js';
import { Measurer } from '../evaluation/measurer.js';
import { answerWithArtifact } from '../evaluation/onnx.runtime.js';
import { signatureOf } from '../graph/emit-answers.js';
import { isBuiltIn } from './built-in.js';
import type { Made } from './conclude.js';
import {
  answersOf,
  boostingTrainer,
  type FittedModel,
  linearTrainer,
  type Scorer,
  type Target,
  type Trainer,
  writeOnnx,
} from './fitted-model.js';
import { type Frame, frameOf, takeRows } from './frame.js';
import { builtInParams, type Job } from './job.schema.js';
import { fitPrior } from './prior.js';
import { releaseMemory } from './release-memory.js';
import { noReport, type Report } from './report.js';
import type { Row, Rows } from './row.js';
import { labelsOf } from './rows.js';
import { shareOfHash, splitKey } from './split.js';
import { targetOf } from './target.js';

/** Answers of the artifact and of the fitted model may differ by the rounding of 32-bit floats only: probabilities by so much, numbers by such a share of the largest. */
const tolerance = 1e-5;
/** Every third row in turn is left out of a fit, so that the calibration sees scores of rows the model did not learn from. */
const calibrationFolds = 3;
/** So many rows are answered at a time: columns of all of them would be one more copy. */
const rowsAtATime = 65_536;

interface Recipe {
  readonly title: string;
  readonly trainer: Trainer;
  readonly calibration: CalibrationMethod;
  readonly isBalanced: boolean;
}

function recipeOf({ trainer, params }: Job, target: Target, report: Report): Recipe {
  if (!isBuiltIn(trainer)) throw new Error(`${trainer} is no built-in trainer`);
  const plain = { calibration: 'none' as const, isBalanced: false };
  if (trainer === 'prior') return { title: 'prior', trainer: async (rows) => fitPrior(rows(), target), ...plain };
  if (trainer === 'linear-regression') {
    return { title: 'linear regression', trainer: linearTrainer(target, builtInParams[trainer].parse(params)), ...plain };
  }
  if (trainer === 'logistic-regression') {
    const { classWeights, calibration, ...own } = builtInParams[trainer].parse(params);
    return { title: 'logistic regression', trainer: linearTrainer(target, own), calibration, isBalanced: classWeights === 'balanced' };
  }
  const { classWeights, calibration, trees, ...own } = builtInParams[trainer].parse(params);
  const onRound = (round: number, loss: number | undefined) => {
    report.progress('fit', 30 + (45 * round) / trees);
    if (loss !== undefined) report.metric('validationLoss', loss, round);
  };
  const boosting = boostingTrainer(target, { ...own, trees }, { onRound });
  return { title: 'gradient boosting', trainer: boosting, calibration, isBalanced: classWeights === 'balanced' };
}

/** Weights under which every class counts the same. */
export function balancedWeights(labels: Float64Array, classCount: number): Float32Array {
  const counts = new Float64Array(classCount);
  for (const label of labels) counts[label]!++;
  return Float32Array.from(labels, (label) => labels.length / (classCount * counts[label]!));
}

async function fitScorer({ trainer, isBalanced }: Recipe, target: Target, rows: () => Frame): Promise<Scorer> {
  const classCount = target.task === 'regression' ? 0 : Math.max(target.classes.length, 2);
  return trainer(rows, isBalanced && classCount > 0 ? balancedWeights(rows().labels, classCount) : undefined);
}

/** Learns how scores become probabilities from rows that the fit of their scores left out. */
async function fitCalibration(recipe: Recipe, target: Target, rows: () => Frame): Promise<Calibration> {
  if (recipe.calibration === 'none') return { kind: 'none' };
  const frame = rows();
  const outputs = target.task === 'multiclass' ? target.classes.length : 1;
  const scores = Array.from({ length: outputs }, () => new Float64Array(frame.rowCount));
  const all = Int32Array.from({ length: frame.rowCount }, (_, row) => row);
  for (let fold = 0; fold < calibrationFolds; fold++) {
    const out = all.filter((row) => row % calibrationFolds === fold);
    const others = all.filter((row) => row % calibrationFolds !== fold);
    const scorer = await fitScorer(recipe, target, () => takeRows(frame, others));
    for (const [k, own] of scorer.score(takeRows(frame, out)).entries()) for (const [i, row] of out.entries()) scores[k]![row] = own[i]!;
  }
  if (target.task === 'multiclass') return fitTemperature(scores, frame.labels);
  return recipe.calibration === 'platt' ? fitPlatt(scores[0]!, frame.labels) : fitIsotonic(scores[0]!, frame.labels);
}

/** Fits a model with a built-in trainer. @param rows made anew for each fit, and not kept while it goes on */
export async function fitModel(job: Job, rows: () => Frame, report: Report = noReport): Promise<{ model: FittedModel; title: string }> {
  const target = targetOf(job.label);
  const recipe = recipeOf(job, target, report);
  const calibration = await fitCalibration(recipe, target, rows);
  const scorer = await fitScorer(recipe, target, rows);
  return { model: { features: job.features, target, scorer, calibration }, title: recipe.title };
}

/** Measures on every fold of the training part what a fit on the others gives; rows of one group stay together. */
async function crossValidate(job: Job, training: Rows): Promise<EvaluationReport['folds']> {
  const count = job.split.folds;
  if (count === undefined) return [];
  const target = targetOf(job.label);
  const recipe = recipeOf(job, target, noReport);
  const foldOf = (row: Row) => Math.floor(shareOfHash(splitKey(row, job.features.length)) * count);
  const found: EvaluationReport['folds'] = [];
  for (let fold = 0; fold < count; fold++) {
    const out = training.filter((row) => foldOf(row) === fold);
    if (out.length === 0) continue;
    const others = training.filter((row) => foldOf(row) !== fold);
    const rows = () => frameOf(job.features, others);
    const scorer = await fitScorer(recipe, target, rows);
    const model = { features: job.features, target, scorer, calibration: await fitCalibration(recipe, target, rows) };
    const answers = answersOf(model, frameOf(job.features, out));
    found.push({ rowCount: out.length, measures: new Measurer(answers, labelsOf(out), target).withIntervals(0, fold) });
  }
  return found;
}

/** Whether the fitted model gives these scores on the rows. */
function answersAlike(model: FittedModel, rows: Rows, scores: Float64Array): boolean {
  const largest = scores.reduce((most, answer) => Math.max(most, Math.abs(answer)), 1);
  const width = scores.length / Math.max(rows.length, 1);
  for (let from = 0; from < rows.length; from += rowsAtATime) {
    const own = answersOf(model, frameOf(model.features, rows.slice(from, from + rowsAtATime)));
    const isNear = (answer: number, at: number) => Math.abs(answer - scores[from * width + at]!) <= tolerance * largest;
    if (!own.every(isNear)) return false;
  }
  return true;
}

/** A model, the artifact written of it, and what fits on folds of its rows gave. */
export interface Fitted {
  readonly model: FittedModel;
  readonly artifact: Uint8Array;
  readonly folds: EvaluationReport['folds'];
}

/** Fits on the training part and writes the artifact. */
export async function fit(job: Job, training: Rows, report: Report = noReport): Promise<Fitted> {
  const { model, title } = await fitModel(job, () => frameOf(job.features, training), report);
  releaseMemory(training.length);
  const artifact = writeOnnx(model, { modelName: job.modelName, about: `${title}, dataset ${job.datasetVersion}` });
  return { model, artifact, folds: await crossValidate(job, training) };
}

/** Scores the hold-out with the very bytes that will be served. */
export async function scoreFitted({ features }: Job, { model, artifact, folds }: Fitted, holdout: Rows): Promise<Made> {
  releaseMemory(holdout.length);
  const { task, classes } = model.target;
  const scores = await answerWithArtifact(artifact, { features, rows: holdout }, task);
  if (!answersAlike(model, holdout, scores)) throw new Error('the ONNX artifact does not answer as the fitted model does');
  const signature = signatureOf(features, task, task === 'multiclass' ? classes : []);
  return { artifact, scores, signature, metrics: model.scorer.metrics, folds };
}
