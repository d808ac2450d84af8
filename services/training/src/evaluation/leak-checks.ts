import type { LeakCheck } from '@bascule/contracts';
import { auc } from '@bascule/stats';
import { countRepeated } from '../trainers/count-repeated.js';
import type { Target } from '../trainers/fitted-model.js';
import { type Feature, isNumber, type Rows } from '../trainers/row.js';
import { cellsOf, countRows, joined, labelsOf, numbersOf } from '../trainers/rows.js';
import { cellAt } from '../trainers/stored-rows.js';

type Parts = { readonly training: Rows; readonly holdout: Rows };

/** A single feature that ranks so well is more likely the answer than a cause of it. */
const suspectAuc = 0.99;
const leakAuc = 0.9999;
/** A class of fewer rows may be ranked by chance. */
const minRowsOfClass = 30;
/** More values are not ranked: rows by features by classes. */
const maxRanked = 1e9;
/** More rows are not compared one by one. */
const maxCompared = 1_000_000;
const suspectRepeats = 0.01;
const leakRepeats = 0.2;
/** A share of later times that clocks and time zones explain. */
const suspectFuture = 0.001;

const result = (check: LeakCheck['check'], outcome: LeakCheck['outcome'], reasons: string[]): LeakCheck => ({ check, outcome, reasons });
const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

/** Share of positives by category, learnt from one half of the rows and used on the other. */
function categoryScores(rows: Rows, labels: Uint8Array, position: number): { scores: Float64Array; labels: Uint8Array } {
  const known = new Map<unknown, [number, number]>();
  const cell = cellsOf(rows, position);
  for (let at = 1; at < rows.length; at += 2) {
    const entry = known.get(cell(at)) ?? [0, 0];
    known.set(cell(at), [entry[0] + labels[at]!, entry[1] + 1]);
  }
  const scoreOf = ([positives, count]: [number, number]) => (positives + 0.5) / (count + 1);
  const length = Math.ceil(rows.length / 2);
  return {
    scores: Float64Array.from({ length }, (_, at) => scoreOf(known.get(cell(2 * at)) ?? [0, 0])),
    labels: Uint8Array.from({ length }, (_, at) => labels[2 * at]!),
  };
}

/** AUC of the rows that have a value. */
function presentAuc(values: Float64Array, labels: Uint8Array): number {
  const [present, own] = [new Float64Array(values.length), new Uint8Array(values.length)];
  let count = 0;
  for (let at = 0; at < values.length; at++) {
    if (Number.isNaN(values[at]!)) continue;
    present[count] = values[at]!;
    own[count++] = labels[at]!;
  }
  return auc(present.subarray(0, count), own.subarray(0, count));
}

/** How well one feature alone ranks the rows, whichever way it points. @param labels 1 for rows of the class at hand, 0 for the others */
function rankOf(rows: Rows, labels: Uint8Array, feature: Feature, position: number): number {
  if (!isNumber(feature)) {
    const judged = categoryScores(rows, labels, position);
    return auc(judged.scores, judged.labels);
  }
  const values = numbersOf(rows, position);
  const missing = Uint8Array.from(values, (value) => Number(Number.isNaN(value)));
  const areas = [
    presentAuc(values, labels),
    // that a value is there at all may give the answer away
    auc(missing, labels),
  ].filter((area) => !Number.isNaN(area));
  return areas.length === 0 ? Number.NaN : Math.max(...areas.flatMap((area) => [area, 1 - area]));
}

/** Of two classes the positive rows; of several every class with enough rows, against all others. */
function sidesOf(rows: Rows, { task, classes }: Target): Uint8Array[] {
  const known = labelsOf(rows);
  if (task === 'binary') return [Uint8Array.from(known)];
  const sides = classes.map((_, k) => Uint8Array.from(known, (label) => Number(label === k)));
  return sides.filter((labels) => labels.reduce((sum, label) => sum + label, 0) >= minRowsOfClass);
}

function isTheNumber(rows: Rows, position: number): boolean {
  return rows.every((row) => Math.fround(Number(cellAt(row, position))) === Math.fround(row.label));
}

function targetInFeatures(rows: Rows, features: readonly Feature[], target: Target): LeakCheck {
  const check = 'target-in-features';
  if (target.task === 'regression') {
    const same = features.filter((feature, position) => isNumber(feature) && isTheNumber(rows, position));
    const reasons = same.map(({ name }) => `feature ${name} is the number that is to be told`);
    return result(check, reasons.length > 0 ? 'leak' : 'clean', reasons);
  }
  const sides = sidesOf(rows, target);
  if (sides.length * features.length * rows.length > maxRanked) {
    return result(check, 'not-checked', ['too many rows, features and classes to rank them one by one']);
  }
  const ranked = features.map((feature, position) => {
    const areas = sides.map((labels) => rankOf(rows, labels, feature, position)).filter((area) => !Number.isNaN(area));
    return { name: feature.name, area: areas.length === 0 ? Number.NaN : Math.max(...areas) };
  });
  const odd = ranked.filter(({ area }) => area >= suspectAuc);
  const against = target.task === 'multiclass' ? ', one class against the others,' : '';
  const reasons = odd.map(({ name, area }) => `feature ${name} alone ranks the training rows${against} with an AUC of ${area.toFixed(4)}`);
  if (odd.length > 0) return result(check, odd.some(({ area }) => area >= leakAuc) ? 'leak' : 'suspect', reasons);
  const untold = ranked.filter(({ area }) => Number.isNaN(area)).map(({ name }) => `feature ${name} could not be ranked against the label`);
  return result(check, untold.length > 0 ? 'not-checked' : 'clean', untold);
}

function duplicatesAcross({ training, holdout }: Parts, featureCount: number): LeakCheck {
  const check = 'duplicates-across-splits';
  if (training.length + holdout.length > maxCompared) return result(check, 'not-checked', ['too many rows to compare one by one']);
  const share = countRepeated(training, holdout, featureCount) / Math.max(holdout.length, 1);
  const reasons = share > 0 ? [`${percent(share)} of the hold-out rows are, label and all, also among the training rows`] : [];
  return result(check, share >= leakRepeats ? 'leak' : share >= suspectRepeats ? 'suspect' : 'clean', reasons);
}

function futureTime({ training, holdout }: Parts, features: readonly Feature[]): LeakCheck {
  const check = 'future-time';
  const rows = joined(training, holdout);
  const reasons = features.flatMap(({ name, kind }, position) => {
    if (kind !== 'datetime') return [];
    const later = countRows(rows, (row) => Number(cellAt(row, position)) * 1000 > row.occurredAt) / rows.length;
    return later > suspectFuture ? [`${name} lies after the time of the record in ${percent(later)} of the rows`] : [];
  });
  let latest = Number.NEGATIVE_INFINITY;
  for (const { occurredAt } of training) latest = Math.max(latest, occurredAt);
  const before = countRows(holdout, ({ occurredAt }) => occurredAt < latest) / Math.max(holdout.length, 1);
  const mixed =
    before > 0 ? [`${percent(before)} of the hold-out rows are older than the newest training row: the split is not by time`] : [];
  return result(check, reasons.length > 0 ? 'leak' : mixed.length > 0 ? 'suspect' : 'clean', [...reasons, ...mixed]);
}

/** Looks for knowledge in the training rows that will not be there when it is needed. */
export function leakChecksOf(parts: Parts, features: readonly Feature[], target: Target): LeakCheck[] {
  return [targetInFeatures(parts.training, features, target), duplicatesAcross(parts, features.length), futureTime(parts, features)];
}
