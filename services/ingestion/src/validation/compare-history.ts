import { fisherExact, type LogSketchData, normalTail, psi, psiNoise } from '@bascule/stats';
import type { BatchProfile, ColumnProfile } from './batch-profile.js';
import type { ColumnRule } from './column-rule.js';
import type { Severity } from './expectation.js';
import type { History, HistoryColumn } from './history.js';
import type { HistoryRules } from './history-rules.js';

export const findingKinds = [
  'completeness_drop',
  'category_shift',
  'distribution_shift',
  'row_count_change',
  'label_flood',
  'late_batch',
] as const;
export type FindingKind = (typeof findingKinds)[number];

/** Something about a batch that its history does not explain. */
export interface Finding {
  readonly kind: FindingKind;
  readonly field?: string;
  /** Of this batch: a share of missing values, a distance, or a number of records. */
  readonly measured: number;
  /** Of the history. */
  readonly expected: number;
  /** What `measured` was held against. */
  readonly threshold: number;
  readonly severity: Severity;
  readonly message: string;
}

/** Chance of a false alarm of one test on one column. */
const falseAlarm = 1e-4;
const leastRecords = 50;
/** Up to so many missing values are tested exactly. */
const rare = 1000;
const leastBatches = 3;

/**
 * Holds a batch against the history of its dataset: what is only chance at these numbers of records is no finding.
 * @param reference what its values are held against, where that is not the history
 */
export function compareHistory(
  profile: BatchProfile,
  history: History,
  rules: readonly ColumnRule[],
  wanted: HistoryRules,
  reference = history,
): Finding[] {
  if (history.batchCount === 0) return [];
  const findings: Finding[] = [];
  const isWanted = (columns: readonly number[] | undefined, at: number) => columns === undefined || columns.includes(at);
  rules.forEach(({ name }, at) => {
    const [column, before, referred] = [profile.columns[name], history.columns.get(name), reference.columns.get(name)];
    if (!column) return;
    if (before && isWanted(wanted.completenessDrop.columns, at))
      findings.push(...completeness(name, column, profile, before, wanted.completenessDrop));
    if (referred && isWanted(wanted.shift.columns, at)) findings.push(...shift(name, column, referred, profile, reference, wanted.shift));
  });
  return [...findings, ...rowCount(profile, history, wanted)];
}

function completeness(
  field: string,
  { missing }: ColumnProfile,
  { recordCount }: BatchProfile,
  before: HistoryColumn,
  { severity, points }: HistoryRules['completenessDrop'],
): Finding[] {
  if (recordCount < leastRecords || before.recordCount < leastRecords) return [];
  const [measured, expected] = [missing / recordCount, before.missing / before.recordCount];
  // batches differ from one another by more than chance alone: where there are several, that is taken into account
  const pooled = (missing + before.missing) / (recordCount + before.recordCount);
  const chance = pooled * (1 - pooled) * (1 / recordCount + 1 / before.recordCount);
  const spread = before.missingShares.length >= leastBatches ? variance(before.missingShares) : 0;
  const z = chance + spread > 0 ? (measured - expected) / Math.sqrt(chance + spread) : 0;
  // where few are missing the normal approximation sees alarms that are none
  const isRare = missing + before.missing <= rare;
  const present = [recordCount - missing, before.recordCount - before.missing] as const;
  const exact = isRare
    ? fisherExact([
        [missing, present[0]],
        [before.missing, present[1]],
      ])
    : 0;
  const threshold = expected + points / 100;
  if (measured <= threshold || Math.max(normalTail(z), exact) > falseAlarm) return [];
  const message = `${percent(measured)} of ${field} is missing, ${percent(expected)} was before (${recordCount} and ${before.recordCount} records)`;
  return [{ kind: 'completeness_drop', field, measured, expected, threshold, severity, message }];
}

function shift(
  field: string,
  column: ColumnProfile,
  before: HistoryColumn,
  profile: BatchProfile,
  history: History,
  { severity, atLeast }: HistoryRules['shift'],
): Finding[] {
  const [size, sizeBefore] = [profile.sampledCount, history.sampledCount];
  if (size < leastRecords || sizeBefore < leastRecords) return [];
  if (column.categories && before.categories && before.categories.size > 0) {
    const names = [...new Set([...before.categories.keys(), ...Object.keys(column.categories)])];
    const [one, other] = [names.map((name) => before.categories!.get(name) ?? 0), names.map((name) => column.categories![name] ?? 0)];
    const measured = psi(scaledTo(one, sizeBefore), scaledTo(other, size));
    // what chance alone gives is simulated, so only where it matters
    if (measured <= atLeast) return [];
    const noise = psiNoise(scaledTo(one, sizeBefore), scaledTo(other, size));
    const threshold = Math.max(atLeast, noise.quantile999);
    if (measured <= threshold) return [];
    const message = `the categories of ${field} are distributed differently: stability index ${round(measured)}, ${round(noise.mean)} by chance${strangers(names, one, other)}`;
    return [{ kind: 'category_shift', field, measured, expected: noise.mean, threshold, severity, message }];
  }
  if (!column.numbers || !before.numbers || before.numbers.count === 0) return [];
  const [distance, chance] = distanceOf(column.numbers, before.numbers.toJSON(), size, sizeBefore);
  const threshold = Math.max(atLeast, chance);
  if (distance <= threshold) return [];
  const message = `the values of ${field} are distributed differently: Kolmogorov-Smirnov distance ${round(distance)}, up to ${round(chance)} by chance`;
  return [{ kind: 'distribution_shift', field, measured: distance, expected: chance, threshold, severity, message }];
}

function rowCount({ recordCount }: BatchProfile, { batchSizes }: History, { rowCountChange }: HistoryRules): Finding[] {
  if (!rowCountChange || batchSizes.length < leastBatches) return [];
  const expected = [...batchSizes].sort((a, b) => a - b)[Math.floor(batchSizes.length / 2)]!;
  const change = expected === 0 ? 0 : (100 * Math.abs(recordCount - expected)) / expected;
  if (change <= rowCountChange.maxPercent) return [];
  const message = `the batch has ${recordCount} records, batches of the dataset have ${expected}`;
  const { severity, maxPercent: threshold } = rowCountChange;
  return [{ kind: 'row_count_change', measured: recordCount, expected, threshold, severity, message }];
}

/** Kolmogorov-Smirnov distance of two sketches, and what chance alone exceeds once in ten thousand batches of these sizes. */
function distanceOf(current: LogSketchData, before: LogSketchData, size: number, sizeBefore: number): [number, number] {
  const total = ({ cells }: LogSketchData) => cells.reduce((sum, [, count]) => sum + count, 0);
  const [currentTotal, beforeTotal] = [total(current), total(before)];
  if (currentTotal === 0) return [0, 1];
  // pooled values are known by the cell they fall into, the same cell on both sides
  const isPooled = current.pooled || before.pooled;
  const base = Math.log((1 + current.relativeError) / (1 - current.relativeError));
  const cellOf = (value: number) =>
    isPooled && value !== 0 ? Math.sign(value) * (1e6 + Math.ceil(Math.log(Math.abs(value)) / base)) : isPooled ? 0 : value;
  const cells = new Map<number, [number, number]>();
  for (const [side, { cells: found }] of [current, before].entries()) {
    for (const [value, count] of found) {
      const cell = cellOf(value);
      const counts = cells.get(cell) ?? [0, 0];
      counts[side]! += count;
      cells.set(cell, counts);
    }
  }
  let [one, other, distance] = [0, 0, 0];
  for (const [, counts] of [...cells].sort(([a], [b]) => a - b)) {
    one += counts[0];
    other += counts[1];
    distance = Math.max(distance, Math.abs(one / currentTotal - other / beforeTotal));
  }
  // sampled records stand for others: only those that were looked at are evidence
  const [seen, seenBefore] = [Math.min(currentTotal, size), Math.min(beforeTotal, sizeBefore)];
  const critical = Math.sqrt(-Math.log(falseAlarm / 2) / 2) * Math.sqrt(1 / Math.max(1, seen) + 1 / Math.max(1, seenBefore));
  return [distance, critical];
}

function strangers(names: readonly string[], before: readonly number[], current: readonly number[]): string {
  const fresh = names.filter((_, i) => before[i] === 0 && current[i]! > 0).slice(0, 5);
  return fresh.length === 0 ? '' : `; new are ${fresh.map((name) => JSON.stringify(name)).join(', ')}`;
}

function scaledTo(counts: readonly number[], size: number): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  // sampled records stand for others: only those that were looked at are evidence
  return total <= size ? [...counts] : counts.map((count) => Math.round((count * size) / total));
}

function variance(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
const round = (value: number) => Number(value.toPrecision(3));
