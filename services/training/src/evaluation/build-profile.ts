import type { ReferenceProfile } from '@bascule/contracts';
import { ClassQuality, countIntoBins, NumberQuality, quantile, quantileEdges } from '@bascule/stats';
import type { Target } from '../trainers/fitted-model.js';
import { type Feature, isNumber, type Rows } from '../trainers/row.js';
import { joined, labelsOf, numbersOf, textsOf } from '../trainers/rows.js';
import type { Performance } from './performance.js';

const binCount = 20;
/** Fewer rows, fifty for each bin of a number, say too little of how a feature is spread. */
export const minReferenceRows = 50 * binCount;
const quantilePoints = [0.05, 0.25, 0.5, 0.75, 0.95] as const;

type NumericProfile = Extract<ReferenceProfile['features'][number], { kind: 'numeric' }>;
type CategoricalProfile = Extract<ReferenceProfile['features'][number], { kind: 'categorical' }>;

/** Distribution of numbers in bins of about equal weight; NaN counts as missing. */
export function profileNumbers(name: string, numbers: Float64Array): NumericProfile {
  const sorted = numbers.filter((value) => !Number.isNaN(value)).sort();
  const edges = sorted.length === 0 ? [] : quantileEdges(sorted, binCount);
  return {
    name,
    kind: 'numeric',
    missing: numbers.length - sorted.length,
    edges,
    counts: sorted.length === 0 ? [0] : countIntoBins(sorted, edges),
    min: sorted[0] ?? null,
    max: sorted.at(-1) ?? null,
    quantiles: sorted.length === 0 ? [] : quantilePoints.map((point) => quantile(sorted, point)),
  };
}

/** Every category with its count, most frequent first; empty text counts as missing. */
export function profileCategories(name: string, values: readonly string[]): CategoricalProfile {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const missing = counts.get('') ?? 0;
  counts.delete('');
  const categories = [...counts].map(([value, count]) => ({ value, count }));
  categories.sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
  return { name, kind: 'categorical', missing, categories };
}

/** A dataset version by the name of its dataset. */
export interface NamedVersion {
  readonly datasetName: string;
  readonly datasetVersion: string;
}

export interface ProfileInput {
  readonly training: Rows;
  readonly holdout: Rows;
  /** Where the training rows come from. */
  readonly trainedOn: NamedVersion;
  /** Where the hold-out comes from. */
  readonly evaluatedOn: NamedVersion;
  readonly features: readonly Feature[];
  /** Scores of the hold-out, always: on its training rows every model looks better than it is. */
  readonly scores: Float64Array;
  readonly performance: Performance;
  /** Binary when absent. */
  readonly target?: Target;
}

/**
 * The rows that say how features are spread: those of the hold-out, which the model never saw. Where they are fewer than
 * `minReferenceRows`, the training rows count as well, for a feature is what it is whoever learns from it; predictions and performance never rest on them.
 */
export function referenceRows({ training, holdout }: Pick<ProfileInput, 'training' | 'holdout'>): {
  featuresFrom: 'hold-out' | 'all-rows';
  rows: Rows;
} {
  if (holdout.length >= minReferenceRows) return { featuresFrom: 'hold-out', rows: holdout };
  return { featuresFrom: 'all-rows', rows: joined(training, holdout) };
}

/** What normal looks like for a model version. */
export function buildProfile(input: ProfileInput): ReferenceProfile {
  const { features, scores, performance, trainedOn, evaluatedOn, target } = input;
  const { featuresFrom, rows } = referenceRows(input);
  const times = { from: Number.POSITIVE_INFINITY, to: Number.NEGATIVE_INFINITY };
  for (const { occurredAt } of rows) {
    times.from = Math.min(times.from, occurredAt);
    times.to = Math.max(times.to, occurredAt);
  }
  return {
    schemaVersion: 1,
    ...(featuresFrom === 'hold-out' ? evaluatedOn : trainedOn),
    featuresFrom,
    rowCount: rows.length,
    occurredFrom: new Date(times.from).toISOString(),
    occurredTo: new Date(times.to).toISOString(),
    features: features.flatMap((feature, position) => profileFeature(feature, rows, position)),
    prediction: predictionOf(scores, target),
    ...performanceOf(performance, target),
    ...qualityOf(input),
  };
}

/** Times move on and texts never repeat: what they look like says nothing of the next ones. */
function profileFeature(feature: Feature, rows: Rows, position: number): ReferenceProfile['features'] {
  const { name, kind } = feature;
  if (kind === 'datetime' || kind === 'text') return [];
  if (isNumber(feature)) return [profileNumbers(name, numbersOf(rows, position))];
  return [profileCategories(name, textsOf(rows, position))];
}

/** Of several classes the probability of the last, which is the one that monitoring reads. */
function predictionOf(scores: Float64Array, target: Target | undefined): NumericProfile {
  if (target?.task === 'regression') return profileNumbers('value', scores);
  if (target?.task !== 'multiclass') return profileNumbers('probability', scores);
  const count = target.classes.length;
  const last = scores.filter((_, at) => at % count === count - 1);
  return profileNumbers('probability', last);
}

function performanceOf(
  { rowCount, positiveCount, measures }: Performance,
  target: Target | undefined,
): Pick<ReferenceProfile, 'performance'> {
  const { auc, logLoss, brier } = measures;
  if ((target && target.task !== 'binary') || auc === undefined || logLoss === undefined || brier === undefined) return {};
  return { performance: { rowCount, positiveCount, auc, logLoss, brier } };
}

/** How good the answers on the hold-out were, for monitoring to hold labelled predictions against. */
function qualityOf({ holdout, scores, target }: ProfileInput): Pick<ReferenceProfile, 'quality'> {
  if (target?.task === 'regression') {
    const quality = new NumberQuality();
    for (const [row, label] of labelsOf(holdout).entries()) quality.add(scores[row]!, label);
    return quality.rowCount === 0 ? {} : { quality: { task: 'regression', rowCount: quality.rowCount, measures: quality.measures() } };
  }
  if (target?.task !== 'multiclass') return {};
  const classCount = target.classes.length;
  const quality = new ClassQuality(classCount);
  for (const [row, label] of labelsOf(holdout).entries()) quality.add(scores.subarray(row * classCount, (row + 1) * classCount), label);
  const { rowCount } = quality;
  return rowCount === 0 ? {} : { quality: { task: 'multiclass', rowCount, classCount, measures: quality.measures() } };
}
