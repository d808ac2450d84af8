import type { Target } from './fitted-model.js';
import type { Row, Rows } from './row.js';
import { countRows, labelsOf, oldestFirst } from './rows.js';

export interface SplitRule {
  /** Only rows of the last so many days before the newest row; absent: all rows. */
  readonly recentDays?: number | undefined;
  /** Share of the rows, the latest ones, that the model never sees in training. */
  readonly holdoutFraction: number;
  /** By time when absent. */
  readonly by?: 'time' | 'group' | 'hash' | undefined;
  readonly column?: string | undefined;
  /** So many cells of a row are features: those beyond are of a champion, or only looked at, and decide nothing. All when absent. */
  readonly featureCount?: number | undefined;
}

/** Half-open window of `occurredAt` in milliseconds whose rows take no part. */
export interface ExcludedWindow {
  readonly from: number;
  readonly to: number;
}

export interface Split {
  readonly outcome: 'split';
  readonly training: Rows;
  readonly holdout: Rows;
  readonly excludedCount: number;
}

export interface Unsplit {
  readonly outcome: 'refuse';
  readonly reasons: readonly string[];
}

/** Fewer rows than this in either part say nothing about a model. */
export const minRows = { training: 100, holdout: 50 } as const;

const dayMs = 86_400_000;
const day = (time: number): string => new Date(time).toISOString().slice(0, 10);

function isExcluded({ occurredAt }: Row, windows: readonly ExcludedWindow[]): boolean {
  return windows.some(({ from, to }) => occurredAt >= from && occurredAt < to);
}

/** Rows that may be used, oldest first: within the recent days and outside the excluded windows. */
function usableRows(rows: Rows, recentDays: number | undefined, excluded: readonly ExcludedWindow[]): Rows {
  const kept = oldestFirst(excluded.length === 0 ? rows : rows.filter((row) => !isExcluded(row, excluded)));
  const newest = kept.at(-1)?.occurredAt ?? 0;
  return recentDays === undefined ? kept : kept.filter(({ occurredAt }) => occurredAt > newest - recentDays * dayMs);
}

/** Start of the hold-out: rows of one instant never lie on both sides. */
function holdoutStart(rows: Rows, fraction: number): number {
  const index = Math.min(rows.length - 1, Math.floor(rows.length * (1 - fraction)));
  return rows.at(index)?.occurredAt ?? 0;
}

/** Where rows in the order of time reach a time. */
function firstFrom(rows: Rows, time: number): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (rows.at(middle)!.occurredAt < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

function faultsOf(part: 'training' | 'holdout', rows: Rows, { task, classes }: Target): string[] {
  const name = part === 'training' ? 'training part' : 'hold-out';
  if (rows.length < minRows[part]) return [`the ${name} has ${rows.length} labelled rows and needs ${minRows[part]}`];
  if (task === 'regression') return [];
  const range = `from ${day(rows.at(0)!.occurredAt)} to ${day(rows.at(-1)!.occurredAt)}`;
  const labels = labelsOf(rows);
  if (task === 'multiclass') {
    const lacking = part === 'training' ? classes.filter((_, k) => !labels.includes(k)) : [];
    return lacking.map((value) => `the ${name} ${range} has no row of class ${value}`);
  }
  const positives = labels.reduce((sum, label) => sum + label, 0);
  if (positives === 0) return [`the ${name} ${range} has no positive row`];
  if (positives === rows.length) return [`the ${name} ${range} has no negative row`];
  return [];
}

const binary: Target = { task: 'binary', classes: ['0', '1'] };

/** A number from 0 up to 1 that a text always gets (FNV-1a, its bits mixed). */
export function shareOfHash(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 4_294_967_296;
}

/** What decides on which side of a split by group or hash a row lies: equal keys never lie on both. */
export function splitKey({ group, cells }: Row, featureCount = cells.length): string {
  return group ?? JSON.stringify(cells.slice(0, featureCount));
}

/** In words, for whoever reads figures. */
export function describeSplit({ by = 'time', column, holdoutFraction }: SplitRule): string {
  const share = `${Math.round(holdoutFraction * 100)} %`;
  if (by === 'time') return `by time: the latest ${share} of the rows are held out`;
  if (by === 'group') return `by group: ${share} of the values of ${column} are held out with all their rows`;
  return `by hash of ${column ?? 'all features'}: ${share} of the rows are held out, equal ones together`;
}

/** Splits as the rule says. @param evaluation rows of another dataset whose held-out rows are used instead of the own ones */
export function splitRows(
  rows: Rows,
  rule: SplitRule,
  excluded: readonly ExcludedWindow[] = [],
  evaluation: Rows = rows,
  target: Target = binary,
): Split | Unsplit {
  if (rule.by === undefined || rule.by === 'time') return splitByTime(rows, rule, excluded, evaluation, target);
  const usable = usableRows(rows, rule.recentDays, excluded);
  const judged = evaluation === rows ? usable : usableRows(evaluation, rule.recentDays, excluded);
  const isHeld = (row: Row) => shareOfHash(splitKey(row, rule.featureCount)) < rule.holdoutFraction;
  return checked(
    usable.filter((row) => !isHeld(row)),
    judged.filter(isHeld),
    countRows(rows, (row) => isExcluded(row, excluded)),
    target,
  );
}

function checked(training: Rows, holdout: Rows, excludedCount: number, target: Target): Split | Unsplit {
  const reasons = [...faultsOf('training', training, target), ...faultsOf('holdout', holdout, target)];
  return reasons.length > 0 ? { outcome: 'refuse', reasons } : { outcome: 'split', training, holdout, excludedCount };
}

/**
 * Splits by time: every hold-out row lies later than every training row.
 * @param evaluation rows of another dataset whose hold-out period is used instead of the own one
 */
export function splitByTime(
  rows: Rows,
  rule: SplitRule,
  excluded: readonly ExcludedWindow[] = [],
  evaluation: Rows = rows,
  target: Target = binary,
): Split | Unsplit {
  const usable = usableRows(rows, rule.recentDays, excluded);
  const judged = evaluation === rows ? usable : usableRows(evaluation, rule.recentDays, excluded);
  const start = holdoutStart(judged, rule.holdoutFraction);
  const training = usable.slice(0, firstFrom(usable, start));
  const holdout = judged.slice(firstFrom(judged, start));
  return checked(
    training,
    holdout,
    countRows(rows, (row) => isExcluded(row, excluded)),
    target,
  );
}
