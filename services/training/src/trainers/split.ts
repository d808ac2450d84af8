import type { Row } from './row.js';

export interface SplitRule {
  /** Only rows of the last so many days before the newest row; absent: all rows. */
  readonly recentDays?: number | undefined;
  /** Share of the rows, the latest ones, that the model never sees in training. */
  readonly holdoutFraction: number;
}

/** Half-open window of `occurredAt` in milliseconds whose rows take no part. */
export interface ExcludedWindow {
  readonly from: number;
  readonly to: number;
}

export interface Split {
  readonly outcome: 'split';
  readonly training: readonly Row[];
  readonly holdout: readonly Row[];
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
function usableRows(rows: readonly Row[], recentDays: number | undefined, excluded: readonly ExcludedWindow[]): Row[] {
  const kept = rows.filter((row) => !isExcluded(row, excluded)).sort((a, b) => a.occurredAt - b.occurredAt);
  const newest = kept.at(-1)?.occurredAt ?? 0;
  return recentDays === undefined ? kept : kept.filter(({ occurredAt }) => occurredAt > newest - recentDays * dayMs);
}

/** Start of the hold-out: rows of one instant never lie on both sides. */
function holdoutStart(rows: readonly Row[], fraction: number): number {
  const index = Math.min(rows.length - 1, Math.floor(rows.length * (1 - fraction)));
  return rows[index]?.occurredAt ?? 0;
}

function faultsOf(part: 'training' | 'holdout', rows: readonly Row[]): string[] {
  const name = part === 'training' ? 'training part' : 'hold-out';
  if (rows.length < minRows[part]) return [`the ${name} has ${rows.length} labelled rows and needs ${minRows[part]}`];
  const positives = rows.reduce((sum, { label }) => sum + label, 0);
  const range = `from ${day(rows[0]!.occurredAt)} to ${day(rows.at(-1)!.occurredAt)}`;
  if (positives === 0) return [`the ${name} ${range} has no positive row`];
  if (positives === rows.length) return [`the ${name} ${range} has no negative row`];
  return [];
}

/**
 * Splits by time: every hold-out row lies later than every training row.
 * @param evaluation rows of another dataset whose hold-out period is used instead of the own one
 */
export function splitByTime(
  rows: readonly Row[],
  rule: SplitRule,
  excluded: readonly ExcludedWindow[] = [],
  evaluation: readonly Row[] = rows,
): Split | Unsplit {
  const usable = usableRows(rows, rule.recentDays, excluded);
  const judged = evaluation === rows ? usable : usableRows(evaluation, rule.recentDays, excluded);
  const start = holdoutStart(judged, rule.holdoutFraction);
  const training = usable.filter(({ occurredAt }) => occurredAt < start);
  const holdout = judged.filter(({ occurredAt }) => occurredAt >= start);
  const reasons = [...faultsOf('training', training), ...faultsOf('holdout', holdout)];
  if (reasons.length > 0) return { outcome: 'refuse', reasons };
  return { outcome: 'split', training, holdout, excludedCount: rows.filter((row) => isExcluded(row, excluded)).length };
}
