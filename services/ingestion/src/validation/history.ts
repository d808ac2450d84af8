import { LogSketch } from '@bascule/stats';
import type { BatchProfile } from './batch-profile.js';
import type { KnownRange } from './guards.js';

/** In a batch with fewer records a share says nothing. */
const leastRecords = 50;

/** The batches a dataset took before, as one. */
export interface History {
  readonly batchCount: number;
  readonly recordCount: number;
  readonly sampledCount: number;
  readonly columns: ReadonlyMap<string, HistoryColumn>;
  /** Records of each batch, newest first. */
  readonly batchSizes: readonly number[];
}

export interface HistoryColumn {
  readonly missing: number;
  /** Records of the batches that had the column. */
  readonly recordCount: number;
  /** Share of missing values of each batch that is large enough to have one. */
  readonly missingShares: readonly number[];
  readonly numbers: LogSketch | undefined;
  readonly categories: ReadonlyMap<string, number> | undefined;
}

/** Puts profiles together, newest first. */
export function historyOf(profiles: readonly BatchProfile[]): History {
  const names = new Set(profiles.flatMap(({ columns }) => Object.keys(columns)));
  const sum = (pick: (profile: BatchProfile) => number) => profiles.reduce((total, profile) => total + pick(profile), 0);
  return {
    batchCount: profiles.length,
    recordCount: sum(({ recordCount }) => recordCount),
    sampledCount: sum(({ sampledCount }) => sampledCount),
    columns: new Map([...names].map((name) => [name, columnHistory(profiles, name)])),
    batchSizes: profiles.map(({ recordCount }) => recordCount),
  };
}

function columnHistory(profiles: readonly BatchProfile[], name: string): HistoryColumn {
  const having = profiles.filter(({ columns }) => Object.hasOwn(columns, name));
  let numbers: LogSketch | undefined;
  const categories = new Map<string, number>();
  let countedCount = 0;
  let missing = 0;
  for (const profile of having) {
    const column = profile.columns[name]!;
    missing += column.missing;
    if (column.numbers) {
      const sketch = LogSketch.from(column.numbers, { exactValues: 200 });
      numbers = numbers ? numbers.merge(sketch) : sketch;
    }
    if (!column.categories) continue;
    countedCount += profile.sampledCount;
    for (const [text, count] of Object.entries(column.categories)) categories.set(text, (categories.get(text) ?? 0) + count);
  }
  // a small batch with many different texts says nothing about the others
  const isCounted = 2 * countedCount >= having.reduce((sum, { sampledCount }) => sum + sampledCount, 0);
  return {
    missing,
    recordCount: having.reduce((sum, { recordCount }) => sum + recordCount, 0),
    missingShares: having.flatMap(({ columns, recordCount }) =>
      recordCount >= leastRecords ? [columns[name]!.missing / recordCount] : [],
    ),
    numbers,
    categories: isCounted && countedCount > 0 ? categories : undefined,
  };
}

/** Lowest and highest number of each column, where the history is long enough to say so. */
export function rangesOf(history: History, names: readonly string[], leastRecords = 100): (KnownRange | undefined)[] {
  return names.map((name) => {
    const numbers = history.columns.get(name)?.numbers;
    if (!numbers || numbers.count < leastRecords) return undefined;
    const entries = numbers.entries();
    return { lowest: entries[0]![0], highest: entries.at(-1)![0] };
  });
}
