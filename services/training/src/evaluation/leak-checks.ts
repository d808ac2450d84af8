import type { LeakCheck } from '@bascule/contracts';
import { auc } from '@bascule/stats';
import type { Target } from '../trainers/fitted-model.js';
import { type Feature, isNumber, type Row } from '../trainers/row.js';

type Parts = { readonly training: readonly Row[]; readonly holdout: readonly Row[] };

/** A single feature that ranks so well is more likely the answer than a cause of it. */
const suspectAuc = 0.99;
const leakAuc = 0.9999;
/** More rows are not compared one by one. */
const maxCompared = 1_000_000;
const suspectRepeats = 0.01;
const leakRepeats = 0.2;
/** A share of later times that clocks and time zones explain. */
const suspectFuture = 0.001;

const result = (check: LeakCheck['check'], outcome: LeakCheck['outcome'], reasons: string[]): LeakCheck => ({ check, outcome, reasons });
const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

/** Share of positives by category, learnt from one half of the rows and used on the other. */
function categoryScores(rows: readonly Row[], position: number): { scores: number[]; labels: number[] } {
  const known = new Map<unknown, [number, number]>();
  for (const [at, { cells, label }] of rows.entries()) {
    if (at % 2 === 0) continue;
    const entry = known.get(cells[position]) ?? [0, 0];
    known.set(cells[position], [entry[0] + label, entry[1] + 1]);
  }
  const judged = rows.filter((_, at) => at % 2 === 0);
  const scoreOf = ([positives, count]: [number, number]) => (positives + 0.5) / (count + 1);
  return { scores: judged.map(({ cells }) => scoreOf(known.get(cells[position]) ?? [0, 0])), labels: judged.map(({ label }) => label) };
}

/** How well one feature alone ranks the rows, whichever way it points. */
function rankOf(rows: readonly Row[], feature: Feature, position: number): number {
  if (!isNumber(feature)) {
    const { scores, labels } = categoryScores(rows, position);
    return auc(scores, labels);
  }
  const isMissing = (row: Row) => Number.isNaN(Number(row.cells[position]));
  const present = rows.filter((row) => !isMissing(row));
  const labelsOf = (of: readonly Row[]) => of.map(({ label }) => label);
  const areas = [
    auc(
      present.map(({ cells }) => Number(cells[position])),
      labelsOf(present),
    ),
    // that a value is there at all may give the answer away
    auc(
      rows.map((row) => Number(isMissing(row))),
      labelsOf(rows),
    ),
  ].filter((area) => !Number.isNaN(area));
  return areas.length === 0 ? Number.NaN : Math.max(...areas.flatMap((area) => [area, 1 - area]));
}

function targetInFeatures(rows: readonly Row[], features: readonly Feature[], { task }: Target): LeakCheck {
  const check = 'target-in-features';
  if (task === 'multiclass') return result(check, 'not-checked', ['no feature of a label with several classes is ranked against it']);
  if (task === 'regression') {
    const same = features.filter(
      (feature, position) =>
        isNumber(feature) && rows.every(({ cells, label }) => Math.fround(Number(cells[position])) === Math.fround(label)),
    );
    return same.length > 0
      ? result(
          check,
          'leak',
          same.map(({ name }) => `feature ${name} is the number that is to be told`),
        )
      : result(check, 'clean', []);
  }
  const ranked = features.map((feature, position) => ({ name: feature.name, area: rankOf(rows, feature, position) }));
  const odd = ranked.filter(({ area }) => area >= suspectAuc);
  const reasons = odd.map(({ name, area }) => `feature ${name} alone ranks the training rows with an AUC of ${area.toFixed(4)}`);
  if (odd.length > 0) return result(check, odd.some(({ area }) => area >= leakAuc) ? 'leak' : 'suspect', reasons);
  const untold = ranked.filter(({ area }) => Number.isNaN(area)).map(({ name }) => `feature ${name} could not be ranked against the label`);
  return result(check, untold.length > 0 ? 'not-checked' : 'clean', untold);
}

function duplicatesAcross({ training, holdout }: Parts, featureCount: number): LeakCheck {
  const check = 'duplicates-across-splits';
  if (training.length + holdout.length > maxCompared) return result(check, 'not-checked', ['too many rows to compare one by one']);
  const keyOf = ({ label, cells }: Row) => `${label} ${JSON.stringify(cells.slice(0, featureCount))}`;
  const known = new Set(training.map(keyOf));
  const share = holdout.filter((row) => known.has(keyOf(row))).length / Math.max(holdout.length, 1);
  const reasons = share > 0 ? [`${percent(share)} of the hold-out rows are, label and all, also among the training rows`] : [];
  return result(check, share >= leakRepeats ? 'leak' : share >= suspectRepeats ? 'suspect' : 'clean', reasons);
}

function futureTime({ training, holdout }: Parts, features: readonly Feature[]): LeakCheck {
  const check = 'future-time';
  const rows = [...training, ...holdout];
  const reasons = features.flatMap(({ name, kind }, position) => {
    if (kind !== 'datetime') return [];
    const later = rows.filter(({ cells, occurredAt }) => Number(cells[position]) * 1000 > occurredAt).length / rows.length;
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
