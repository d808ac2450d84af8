import type { EvaluationReport, LeakCheck, PairedComparison, ReliabilityBin } from '@bascule/contracts';
import { calibrationBins, classMetrics, thresholdCurve, wilsonInterval } from '@bascule/stats';
import type { Target } from '../trainers/fitted-model.js';
import type { Feature, Rows } from '../trainers/row.js';
import { labelsOf } from '../trainers/rows.js';
import { errorFairnessOf } from './error-fairness.js';
import { fairnessByClass } from './fairness.js';
import { Measurer } from './measurer.js';
import { chosenClasses } from './performance.js';
import { slicesOf, valuesOf } from './slices.js';

/** Points that a drawn curve keeps. */
const curvePoints = 200;
const seed = 1;

/** What besides the measures of all rows is to be looked at. */
export interface EvaluationRule {
  readonly slices: readonly string[];
  readonly sensitive: readonly string[];
  readonly resamplings: number;
}

export interface ReportInput {
  readonly modelName: string;
  readonly trainer: string;
  readonly datasetVersion: string;
  readonly split: string;
  readonly target: Target;
  /** Of the cells of the rows: the features of the model, and columns that are only looked at. */
  readonly features: readonly Feature[];
  readonly rows: Rows;
  readonly scores: Float64Array;
  readonly rule: EvaluationRule;
  readonly leakChecks: readonly LeakCheck[];
  readonly folds: EvaluationReport['folds'];
  readonly importance: EvaluationReport['importance'];
  readonly comparison: PairedComparison | undefined;
}

/** Ends and some points between; what lies between two points of a drawn curve is not seen. */
function thinned<T>(points: readonly T[]): T[] {
  if (points.length <= curvePoints) return [...points];
  return Array.from({ length: curvePoints }, (_, i) => points[Math.round((i * (points.length - 1)) / (curvePoints - 1))]!);
}

function curvesOf(scores: Float64Array, labels: Float64Array): EvaluationReport['curves'] {
  const positives = labels.reduce((sum, label) => sum + label, 0);
  if (positives === 0 || positives === labels.length) return null;
  const points = thinned(thresholdCurve(scores, labels));
  return {
    roc: [[0, 0], ...points.map((point): [number, number] => [point.falsePositiveRate, point.truePositiveRate])],
    precisionRecall: points.map((point): [number, number] => [point.truePositiveRate, point.precision]),
  };
}

function reliabilityOf(scores: Float64Array, labels: Float64Array): ReliabilityBin[] {
  return calibrationBins(scores, labels).map((bin) => ({
    ...bin,
    interval: wilsonInterval(Math.round(bin.positiveShare * bin.rowCount), bin.rowCount),
  }));
}

/** Everything about how a model did on rows it never saw. */
export function buildReport(input: ReportInput): EvaluationReport {
  const { modelName, trainer, datasetVersion, split, target, features, rows, scores, rule, folds, importance, comparison } = input;
  const labels = labelsOf(rows);
  const isBinary = target.task === 'binary';
  const chosen = target.task === 'regression' ? undefined : chosenClasses(scores, target);
  const positionOf = (name: string) => features.findIndex((feature) => feature.name === name);
  const columns = (names: readonly string[]) => [...new Set(names)].filter((name) => positionOf(name) >= 0);
  const sensitive = columns(rule.sensitive).map((name): [string, string[]] => {
    const position = positionOf(name);
    return [name, valuesOf(features[position]!, rows, position)];
  });
  return {
    schemaVersion: 1,
    modelName,
    trainer,
    task: target.task,
    datasetVersion,
    evaluatedOn: {
      from: new Date(rows.at(0)!.occurredAt).toISOString(),
      to: new Date(rows.at(-1)!.occurredAt).toISOString(),
      rowCount: rows.length,
    },
    split,
    classes: [...target.classes],
    measures: new Measurer(scores, labels, target).withIntervals(rule.resamplings, seed),
    folds,
    confusion: chosen ? classMetrics(chosen, labels, target.classes.length).confusion.map((row) => [...row]) : null,
    curves: isBinary ? curvesOf(scores, labels) : null,
    reliability: isBinary ? reliabilityOf(scores, labels) : [],
    importance,
    slices: columns([...rule.slices, ...rule.sensitive]).flatMap((name) => {
      const position = positionOf(name);
      return slicesOf(features[position]!, position, { rows, scores, target, resamplings: rule.resamplings });
    }),
    fairness: chosen ? sensitive.flatMap(([name, values]) => fairnessByClass(name, values, { scores, labels }, target)) : [],
    ...(chosen || sensitive.length === 0
      ? {}
      : { errorFairness: sensitive.map(([name, values]) => errorFairnessOf(name, values, scores, labels)) }),
    leakChecks: [...input.leakChecks],
    ...(comparison ? { comparison } : {}),
  };
}
