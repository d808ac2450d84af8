import { chiSquare } from '@bascule/stats';
import type { BatchProfile } from './batch-profile.js';
import type { Finding } from './compare-history.js';
import type { HistoryRules } from './history-rules.js';

/** What a sender brought before, by the profiles that are kept. */
export interface SentProfile {
  readonly sentBy: string;
  readonly receivedAt: Date;
  readonly profile: BatchProfile;
}

const leastLabels = 50;
const falseAlarm = 1e-4;
const dayMs = 86_400_000;

/** Guards against poisoning: one sender whose labels are unlike everybody else's, or more in a day than the contract allows. */
export function labelFlood(
  current: SentProfile,
  before: readonly SentProfile[],
  label: string,
  rule: HistoryRules['labelFlood'],
): Finding[] {
  const { severity, maxRowsPerDay, points } = rule;
  const counts = labelCounts([current], label);
  const total = sumOf(counts);
  const findings: Finding[] = [];
  if (maxRowsPerDay !== undefined) {
    const since = current.receivedAt.getTime() - dayMs;
    const own = before.filter(({ sentBy, receivedAt }) => sentBy === current.sentBy && receivedAt.getTime() >= since);
    const measured = total + sumOf(labelCounts(own, label));
    const message = `${current.sentBy} sent ${measured} labelled records in 24 hours; at most ${maxRowsPerDay} may be`;
    if (measured > maxRowsPerDay)
      findings.push({ kind: 'label_flood', field: label, measured, expected: maxRowsPerDay, threshold: maxRowsPerDay, severity, message });
  }
  const others = labelCounts(
    before.filter(({ sentBy }) => sentBy !== current.sentBy),
    label,
  );
  const othersTotal = sumOf(others);
  if (total < leastLabels || othersTotal < leastLabels) return findings;
  const names = [...new Set([...counts.keys(), ...others.keys()])];
  const share = (from: ReadonlyMap<string, number>, name: string, all: number) => (from.get(name) ?? 0) / all;
  const [name] = names.sort((a, b) => apart(b) - apart(a)) as [string];
  function apart(each: string): number {
    return Math.abs(share(counts, each, total) - share(others, each, othersTotal));
  }
  const { pValue } = chiSquare(
    names.map((each) => others.get(each) ?? 0),
    names.map((each) => counts.get(each) ?? 0),
  );
  if (apart(name) * 100 <= points || pValue > falseAlarm) return findings;
  const [measured, expected] = [share(counts, name, total), share(others, name, othersTotal)];
  const message = `${(100 * measured).toFixed(1)} % of the labels of ${current.sentBy} are ${JSON.stringify(name)}, ${(100 * expected).toFixed(1)} % of all others`;
  return [...findings, { kind: 'label_flood', field: label, measured, expected, threshold: points / 100, severity, message }];
}

/** What one sender brought. */
export interface Sender {
  readonly sentBy: string;
  readonly batchCount: number;
  readonly recordCount: number;
  readonly labelledCount: number;
  readonly labelledToday: number;
  readonly labelShares: Record<string, number>;
}

/** The senders of these batches with their rates, the one with most labels first. */
export function sendersOf(profiles: readonly SentProfile[], label: string | undefined, now: Date): Sender[] {
  const names = [...new Set(profiles.map(({ sentBy }) => sentBy))];
  const senders = names.map((sentBy) => {
    const own = profiles.filter((each) => each.sentBy === sentBy);
    const today = own.filter(({ receivedAt }) => receivedAt.getTime() >= now.getTime() - dayMs);
    const counts = label === undefined ? new Map<string, number>() : labelCounts(own, label);
    const labelledCount = sumOf(counts);
    return {
      sentBy,
      batchCount: own.length,
      recordCount: own.reduce((sum, { profile }) => sum + profile.recordCount, 0),
      labelledCount,
      labelledToday: label === undefined ? 0 : sumOf(labelCounts(today, label)),
      labelShares: Object.fromEntries([...counts].map(([name, count]) => [name, count / labelledCount])),
    };
  });
  return senders.sort((a, b) => b.labelledCount - a.labelledCount);
}

function labelCounts(profiles: readonly SentProfile[], label: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { profile } of profiles) {
    const column = profile.columns[label];
    const cells = column?.categories ? Object.entries(column.categories) : (column?.numbers?.cells ?? []);
    for (const [value, count] of cells) counts.set(String(value), (counts.get(String(value)) ?? 0) + count);
  }
  return counts;
}

function sumOf(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}
