import type { LeakCheck } from '@bascule/contracts';
import { auc } from '@bascule/stats';
import { countRepeated } from '../trainers/count-repeated.js';
import type { Target } from '../trainers/fitted-model.js';
import { type Feature, isNumber, type Row } from '../trainers/row.js';
import { cellAt } from '../trainers/row-store.js';

type Parts = { readonly training: readonly Row[]; readonly holdout: readonly Row[] };

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
function categoryScores(rows: readonly Row[], labels: Uint8Array, position: number): { scores: number[]; labels: Uint8Array } {
  const known = new Map<unknown, [number, number]>();
  for (let at = 1; at < rows.length; at += 2) {
    const cell = cellAt(rows[at]!, position);
    const entry = known.get(cell) ?? [0, 0];
    known.set(cell, [entry[0] + labels[at]!, entry[1] + 1]);
  }
  const judged = rows.filter((_, at) => at % 2 === 0);
  const scoreOf = ([positives, count]: [number, number]) => (positives + 0.5) / (count + 1);
  return {
    scores: judged.map((row) => scoreOf(known.get(cellAt(row, position)) ?? [0, 0])),
    labels: labels.filter((_, at) => at % 2 === 0),
  };
}

/** How well one feature alone ranks the rows, whichever way it points. @param labels 1 for rows of the class at hand, 0 for the others */
function rankOf(rows: readonly Row[], labels: Uint8Array, feature: Feature, position: number): number {
  if (!isNumber(feature)) {
    const judged = categoryScores(rows, labels, position);
    return auc(judged.scores, judged.labels);
  }
  const values = Float64Array.from(rows, (row) => Number(cellAt(row, position)));
  const isPresent = (at: number) => !Number.isNaN(values[at]!);
  const areas = [
    auc(
      values.filter((_, at) => isPresent(at)),
      labels.filter((_, at) => isPresent(at)),
    ),
    // that a value is there at all may give the answer away
    auc(
      values.map((_, at) => Number(!isPresent(at))),
      labels,
    ),
  ].filter((area) => !Number.isNaN(area));
  return areas.length === 0 ? Number.NaN : Math.max(...areas.flatMap((area) => [area, 1 - area]));
}

/** Of two classes the positive rows; of several every class with enough rows, against all others. */
function labelsOf(rows: readonly Row[], { task, classes }: Target): Uint8Array[] {
  if (task === 'binary') return [Uint8Array.from(rows, ({ label }) => label)];
  const sides = classes.map((_, k) => Uint8Array.from(rows, ({ label }) => Number(label === k)));
  return sides.filter((labels) => labels.reduce((sum, label) => sum + label, 0) >= minRowsOfClass);
}

function isTheNumber(rows: readonly Row[], position: number): boolean {
  return rows.every((row) => Math.fround(Number(cellAt(row, position))) === Math.fround(row.label));
}

function targetInFeatures(rows: readonly Row[], features: readonly Feature[], target: Target): LeakCheck {
  const check = 'target-in-features';
  if (target.task === 'regression') {
    const same = features.filter((feature, position) => isNumber(feature) && isTheNumber(rows, position));
    const reasons = same.map(({ name }) => `feature ${name} is the number that is to be told`);
    return result(check, reasons.length > 0 ? 'leak' : 'clean', reasons);
  }
  const sides = labelsOf(rows, target);
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
  const keyOf = ({ label, cells }: Row) => `${label} ${JSON.stringify(cells.slice(0, featureCount))}`;
  const share = countRepeated(training, holdout, keyOf) / Math.max(holdout.length, 1);
  const reasons = share > 0 ? [`${percent(share)} of the hold-out rows are, label and all, also among the training rows`] : [];
  return result(check, share >= leakRepeats ? 'leak' : share >= suspectRepeats ? 'suspect' : 'clean', reasons);
}

function futureTime({ training, holdout }: Parts, features: readonly Feature[]): LeakCheck {
  const check = 'future-time';
  const rows = [...training, ...holdout];
  const reasons = features.flatMap(({ name, kind }, position) => {
    if (kind !== 'datetime') return [];
    const later = rows.filter((row) => Number(cellAt(row, position)) * 1000 > row.occurredAt).length / rows.length;
    return later > suspectFuture ? [`${name} lies after the time of the record in ${percent(later)} of the rows`] : [];
  });
  const latest = training.reduce((time, { occurredAt }) => Math.max(time, occurredAt), Number.NEGATIVE_INFINITY);
  const before = holdout.filter(({ occurredAt }) => occurredAt < latest).length / Math.max(holdout.length, 1);
  const mixed =
    before > 0 ? [`${percent(before)} of the hold-out rows are older than the newest training row: the split is not by time`] : [];
  return result(check, reasons.length > 0 ? 'leak' : mixed.length > 0 ? 'suspect' : 'clean', [...reasons, ...mixed]);
}

/** Looks for knowledge in the training rows that will not be there when it is needed. */
export function leakChecksOf(parts: Parts, features: readonly Feature[], target: Target): LeakCheck[] {
  return [targetInFeatures(parts.training, features, target), duplicatesAcross(parts, features.length), futureTime(parts, features)];
}
