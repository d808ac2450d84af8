import type { ColumnProfile, DatasetProfile } from '@bascule/contracts';

/** Fewer rows say nothing of shares. */
const minRows = 100;
/** Rows with and without a label that a distance between the two needs. */
const minDividedRows = 500;
/** From here on two distributions count as clearly different (Siddiqi, Credit Risk Scorecards, 2006). */
const clearPsi = 0.25;
/** By so much more of a column may be missing than before. */
const maxMissingGrowth = 0.1;

/**
 * What the profile of a dataset version says against learning from it as it is, for people to read: features without a value or
 * with one value only, features of which much more is missing than in the version learnt from before, and labels of rows that are
 * not like the others. None of it stops a run.
 * @param features names of the columns to learn from
 * @param former profile of the version that the pipeline learnt from before
 */
export function profileNotes(profile: DatasetProfile, features: readonly string[], former?: DatasetProfile): string[] {
  if (profile.rowCount < minRows) return [];
  const wanted = new Set(features);
  const columns = profile.columns.filter(({ name }) => wanted.has(name));
  const before = new Map((former && former.rowCount >= minRows ? former.columns : []).map((column) => [column.name, column]));
  return [
    ...columns.flatMap((column) => emptyNote(column) ?? missingNote(column, before.get(column.name)) ?? []),
    ...labelNotes(profile, columns),
  ];
}

function emptyNote({ name, type, count, missing, distinct, isApproximate }: ColumnProfile): string | undefined {
  if (count === 0) return `${name} has no value in any row`;
  // of times a profile counts the months
  const isConstant = distinct === 1 && missing === 0 && !isApproximate && type !== 'timestamp';
  if (isConstant) return `${name} has the same value in all rows`;
  return undefined;
}

function missingNote(column: ColumnProfile, before: ColumnProfile | undefined): string | undefined {
  if (!before) return undefined;
  const [is, was] = [missingShare(column), missingShare(before)];
  if (is - was <= maxMissingGrowth) return undefined;
  return `${column.name} is missing in ${percent(is)} of the rows; in the data learnt from before it was in ${percent(was)}`;
}

function labelNotes({ rowCount, labelledCount, labelledShare }: DatasetProfile, columns: readonly ColumnProfile[]): string[] {
  if (labelledShare === null || Math.min(labelledCount, rowCount - labelledCount) < minDividedRows) return [];
  const unlike = columns
    .flatMap(({ name, labelBias }) => (labelBias && labelBias.psi > clearPsi ? [{ name, psi: labelBias.psi }] : []))
    .sort((a, b) => b.psi - a.psi)
    .map(({ name, psi }) => `${name} (PSI ${psi.toFixed(2)})`);
  if (unlike.length === 0) return [];
  return [`${percent(labelledShare)} of the rows have a label, and they are unlike those without one in ${unlike.join(', ')}`];
}

function missingShare({ count, missing }: ColumnProfile): number {
  return count + missing === 0 ? 0 : missing / (count + missing);
}

function percent(share: number): string {
  const value = 100 * share;
  return `${value.toFixed(value > 0 && value < 10 ? 1 : 0)} %`;
}
