import { type Derivation, derive, fitDerivations } from '../preparation/derivation.js';
import type { Frame } from '../trainers/frame.js';
import { softmaxInPlace } from '../trainers/sigmoid.js';
import { minimise } from './minimise.js';
import { fitTerms, type LaidTerm, layTerms, type Terms } from './terms.js';

export type LinearTask =
  | { readonly task: 'binary' }
  | { readonly task: 'regression' }
  | { readonly task: 'multiclass'; classCount: number };

/** Weights of a linear model: one score per row, or one per class. */
export interface LinearModel {
  readonly derivations: readonly Derivation[];
  readonly terms: Terms;
  readonly outputs: number;
  /** Weights of the columns, output after output. */
  readonly weights: Float64Array;
  readonly intercepts: Float64Array;
  readonly iterations: number;
}

export interface LinearParams {
  /** Strength of the penalty on squared weights. */
  readonly l2: number;
  /** Strength of the penalty on absolute weights: with one, weights that hardly help are 0. */
  readonly l1: number;
}

/** Adds what the terms give to the scores of one output. */
function addScores(laid: readonly LaidTerm[], weights: Float64Array, offset: number, scores: Float64Array): void {
  for (const term of laid) {
    if (term.kind === 'category') {
      for (let row = 0; row < scores.length; row++) scores[row] = scores[row]! + weights[offset + term.at[row]!]!;
      continue;
    }
    const { values, missing } = term;
    const weight = weights[offset + term.term.valueColumn]!;
    const whenMissing = weights[offset + term.term.missingColumn]!;
    for (let row = 0; row < scores.length; row++) scores[row] = scores[row]! + weight * values[row]! + whenMissing * missing[row]!;
  }
}

function addGradient(laid: readonly LaidTerm[], residuals: Float64Array, offset: number, gradient: Float64Array): void {
  for (const term of laid) {
    if (term.kind === 'category') {
      for (let row = 0; row < residuals.length; row++) {
        const at = offset + term.at[row]!;
        gradient[at] = gradient[at]! + residuals[row]!;
      }
      continue;
    }
    const { values, missing } = term;
    let ofValue = 0;
    let ofMissing = 0;
    for (let row = 0; row < residuals.length; row++) {
      ofValue += residuals[row]! * values[row]!;
      ofMissing += residuals[row]! * missing[row]!;
    }
    gradient[offset + term.term.valueColumn]! += ofValue;
    gradient[offset + term.term.missingColumn]! += ofMissing;
  }
}

/** Sum of the losses; turns scores into residuals in place. */
type Loss = (scores: readonly Float64Array[], labels: Float64Array, weights: Float32Array | undefined) => number;

const logistic: Loss = ([scores], labels, weights) => {
  let loss = 0;
  for (let row = 0; row < labels.length; row++) {
    const logit = scores![row]!;
    const weight = weights ? weights[row]! : 1;
    const likely = Math.exp(-Math.abs(logit));
    loss += weight * (Math.max(logit, 0) - logit * labels[row]! + Math.log1p(likely));
    scores![row] = weight * ((logit >= 0 ? 1 / (1 + likely) : likely / (1 + likely)) - labels[row]!);
  }
  return loss;
};

const squared: Loss = ([scores], labels, weights) => {
  let loss = 0;
  for (let row = 0; row < labels.length; row++) {
    const weight = weights ? weights[row]! : 1;
    const rest = scores![row]! - labels[row]!;
    loss += 0.5 * weight * rest * rest;
    scores![row] = weight * rest;
  }
  return loss;
};

const softmax: Loss = (scores, labels, weights) => {
  let loss = 0;
  const own = new Float64Array(scores.length);
  for (let row = 0; row < labels.length; row++) {
    const weight = weights ? weights[row]! : 1;
    for (let k = 0; k < own.length; k++) own[k] = scores[k]![row]!;
    softmaxInPlace(own);
    loss -= weight * Math.log(Math.max(own[labels[row]!]!, Number.MIN_VALUE));
    for (let k = 0; k < own.length; k++) scores[k]![row] = weight * (own[k]! - (labels[row] === k ? 1 : 0));
  }
  return loss;
};

const losses = { binary: logistic, regression: squared, multiclass: softmax } as const;

/**
 * Fits weights by minimising the sum of losses plus `l2 / 2` times the squared and `l1` times the absolute weights.
 * Intercepts are not penalised. The same rows and parameters always give the same weights.
 */
export function fitLinear(frame: Frame, task: LinearTask, { l1, l2 }: LinearParams, rowWeights?: Float32Array): LinearModel {
  const derivations = fitDerivations(frame, 'linear');
  const prepared = derive(derivations, frame);
  const terms = fitTerms(prepared);
  const laid = layTerms(terms, prepared.columns);
  const outputs = task.task === 'multiclass' ? task.classCount : 1;
  const { columnCount } = terms;
  const { mean, deviation } = task.task === 'regression' ? momentsOf(frame.labels) : { mean: 0, deviation: 1 };
  const labels = task.task === 'regression' ? frame.labels.map((value) => (value - mean) / deviation) : frame.labels;
  const penalised = columnCount * outputs;
  // divided by the number of rows, so that one tolerance fits every size
  const scale = 1 / Math.max(frame.rowCount, 1);
  const scores = Array.from({ length: outputs }, () => new Float64Array(frame.rowCount));
  const { point, iterations } = minimise(
    (point, gradient) => {
      gradient.fill(0);
      for (const [k, own] of scores.entries()) addScores(laid, point, k * columnCount, own.fill(point[penalised + k]!));
      let loss = losses[task.task](scores, labels, rowWeights);
      for (const [k, residuals] of scores.entries()) {
        addGradient(laid, residuals, k * columnCount, gradient);
        gradient[penalised + k] = residuals.reduce((sum, value) => sum + value, 0);
      }
      for (let column = 0; column < penalised; column++) {
        loss += (l2 / 2) * point[column]! ** 2;
        gradient[column] = (gradient[column]! + l2 * point[column]!) * scale;
      }
      for (let k = 0; k < outputs; k++) gradient[penalised + k]! *= scale;
      return loss * scale;
    },
    penalised + outputs,
    { l1: l1 * scale, penalised },
  );
  const weights = point.slice(0, penalised).map((weight) => weight * deviation);
  const intercepts = point.slice(penalised).map((intercept) => intercept * deviation + mean);
  return { derivations, terms, outputs, weights, intercepts, iterations };
}

function momentsOf(labels: Float64Array): { mean: number; deviation: number } {
  const count = Math.max(labels.length, 1);
  const mean = labels.reduce((sum, value) => sum + value, 0) / count;
  return { mean, deviation: Math.sqrt(labels.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count) || 1 };
}

/** Scores of rows, output after output: log odds, one score per class, or the number itself. */
export function scoreLinear(model: LinearModel, frame: Frame): Float64Array[] {
  const laid = layTerms(model.terms, derive(model.derivations, frame).columns);
  return Array.from({ length: model.outputs }, (_, k) => {
    const scores = new Float64Array(frame.rowCount).fill(model.intercepts[k]!);
    addScores(laid, model.weights, k * model.terms.columnCount, scores);
    return scores;
  });
}
