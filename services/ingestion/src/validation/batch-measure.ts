import type { TextPattern } from '../patterns/text-pattern.js';
import type { CellValue } from './column-rule.js';
import { DigestSet } from './digest-set.js';
import type { Metric } from './expectation.js';
import { NearDuplicates } from './near-duplicates.js';

/** Measures one thing over the records of a batch. */
export interface Measure {
  add(values: readonly CellValue[]): void;
  result(): number;
}

/** Keys whose values are compared; further keys are not looked at, so that memory stays bounded. */
const mostKeys = 200_000;
/** Different values, of all keys together, that are counted one by one; of those that come later none is what most records have. */
const mostValues = 1_000_000;
const hourMs = 3_600_000;

/** The measure of a metric. @param receivedAt when the batch arrived, in milliseconds since 1970 */
export function measureOf(what: Metric, receivedAt: number): Measure {
  switch (what.metric) {
    case 'rowCount':
      return counting(() => true);
    case 'nullValues':
      return counting((values) => values[what.columns[0]!] === null);
    case 'missingValues':
      return counting((values) => values[what.columns[0]!] === null || what.tokens.has(values[what.columns[0]!]));
    case 'invalidValues':
      return counting((values) => isInvalid(values[what.columns[0]!]!, what.allowed, what.pattern));
    case 'duplicateValues': {
      const seen = new DigestSet();
      return counting((values) => !seen.add(JSON.stringify(what.columns.map((column) => values[column]))));
    }
    case 'missedConditions':
      return counting((values) => what.test(values) === false);
    case 'nearDuplicates': {
      const seen = new NearDuplicates(what.similarity);
      return counting((values) => seen.add(what.columns.map((column) => values[column] ?? '').join(' ')) !== undefined);
    }
    case 'undetermined':
      return undetermined(what.columns, what.determined);
    case 'ageHours':
      return age(what.column, receivedAt);
    case 'outOfOrder': {
      let last: CellValue = null;
      return counting((values) => {
        const value = values[what.column]!;
        const isBehind = value !== null && last !== null && (what.isDescending ? value > last! : value < last!);
        if (value !== null) last = value;
        return isBehind;
      });
    }
  }
}

function counting(isHit: (values: readonly CellValue[]) => boolean): Measure {
  let count = 0;
  return {
    add: (values) => {
      if (isHit(values)) count++;
    },
    result: () => count,
  };
}

function isInvalid(value: CellValue, allowed: ReadonlySet<unknown> | undefined, pattern: TextPattern | undefined): boolean {
  if (value === null) return false;
  if (pattern && !(typeof value === 'string' && pattern.test(value))) return true;
  return allowed !== undefined && !allowed.has(value);
}

/** Records whose value is not the one that most records with the same key have. */
function undetermined(columns: readonly number[], determined: number): Measure {
  const keys = new Map<string, Map<CellValue, number>>();
  let [valueCount, uncounted] = [0, 0];
  return {
    add: (values) => {
      const parts: CellValue[] = columns.map((column) => values[column] ?? null);
      const value = values[determined]!;
      if (value === null || parts.includes(null)) return;
      const key = JSON.stringify(parts);
      let counts = keys.get(key);
      if (!counts) {
        if (keys.size >= mostKeys || valueCount >= mostValues) return;
        counts = new Map();
        keys.set(key, counts);
      }
      const before = counts.get(value);
      if (before === undefined && valueCount >= mostValues) uncounted++;
      else {
        if (before === undefined) valueCount++;
        counts.set(value, (before ?? 0) + 1);
      }
    },
    result: () => {
      let others = uncounted;
      for (const counts of keys.values()) {
        let [sum, most] = [0, 0];
        for (const count of counts.values()) {
          sum += count;
          if (count > most) most = count;
        }
        others += sum - most;
      }
      return others;
    },
  };
}

/** Hours since the newest record; without a record it is as old as can be. */
function age(column: number, receivedAt: number): Measure {
  let newest = Number.NEGATIVE_INFINITY;
  return {
    add: (values) => {
      const at = values[column];
      if (typeof at === 'number' && at > newest) newest = at;
    },
    result: () => (Number.isFinite(newest) ? (receivedAt - newest) / hourMs : Number.MAX_SAFE_INTEGER),
  };
}
