import type { Direction } from '../trainers/job.schema.js';
import type { Search } from './search.schema.js';
import { type TrialParams, trialsOf } from './search-space.js';

/** One trial of one round. */
export interface PlannedTrial {
  /** Place among the trials of the search, from 0. */
  readonly number: number;
  /** Round, from 0; only successive halving has more than one. */
  readonly round: number;
  readonly params: TrialParams;
  /** Share of the rows it learns from. */
  readonly rows: number;
}

/** What became of a trial; a refused one has no value. */
export interface EndedTrial {
  readonly number: number;
  readonly round: number;
  readonly value: number | null;
  /** Which way the searched metric is better, as its trainer says; null where it says nothing. */
  readonly better?: Direction | null;
}

export type NextMove =
  | { readonly kind: 'try'; readonly trials: readonly PlannedTrial[] }
  | { readonly kind: 'best'; readonly trial: PlannedTrial; readonly value: number }
  | { readonly kind: 'none' };

const higherIsBetter = new Set(['auc', 'averagePrecision', 'accuracy', 'f1', 'f1Macro', 'f1Weighted', 'recall', 'precision', 'r2']);

/**
 * Whether a larger value of the searched metric is better: as the search says; else as the trainer says of a number of its own, the
 * first trial that does; else as is usual for the metric. Of a number that nobody says anything about, a lower value is better.
 */
export function isMaximised({ metric, goal }: Pick<Search, 'metric' | 'goal'>, ended: readonly EndedTrial[] = []): boolean {
  if (goal !== undefined) return goal === 'maximise';
  const said = ended.filter(({ better }) => better).sort((a, b) => a.round - b.round || a.number - b.number)[0]?.better;
  return said ? said === 'higher' : higherIsBetter.has(metric);
}

/** Shares of the rows, round by round. */
function roundsOf(search: Search): number[] {
  if (search.method !== 'halving') return [1];
  const shares: number[] = [];
  for (let share = search.minRows; share < 1; share *= search.factor) shares.push(Number(share.toPrecision(12)));
  return [...shares, 1];
}

/**
 * What to try next, from what has ended so far, in whatever order it did: a search that broke off goes on where it was.
 * Of equal values the trial with the lower number is better.
 */
export function nextTrials(search: Search, ended: readonly EndedTrial[]): NextMove {
  const all = trialsOf(search);
  const shares = roundsOf(search);
  let numbers = all.map((_, number) => number);
  for (const [round, rows] of shares.entries()) {
    const done = new Map(ended.filter((trial) => trial.round === round).map(({ number, value }) => [number, value]));
    const missing = numbers.filter((number) => !done.has(number));
    if (missing.length > 0) return { kind: 'try', trials: missing.map((number) => ({ number, round, params: all[number]!, rows })) };
    const ranked = rank(numbers, done, isMaximised(search, ended));
    const [best] = ranked;
    if (best === undefined) return { kind: 'none' };
    if (round === shares.length - 1) {
      return { kind: 'best', trial: { number: best, round, params: all[best]!, rows }, value: done.get(best)! };
    }
    const kept = search.method === 'halving' ? Math.ceil(numbers.length / search.factor) : numbers.length;
    numbers = ranked.slice(0, kept).sort((a, b) => a - b);
  }
  return { kind: 'none' };
}

/** Shares trials out among lanes: neighbours go together, as many as come to one lane, and at most so many in one go. */
export function shareOut<T>(trials: readonly T[], lanes: number, atOnce: number): T[][] {
  const size = Math.max(1, Math.min(atOnce, Math.ceil(trials.length / lanes)));
  return Array.from({ length: Math.ceil(trials.length / size) }, (_, at) => trials.slice(at * size, (at + 1) * size));
}

/** Number of trials in all rounds together, when none is refused. */
export function countTrials(search: Search): number {
  let [total, count] = [0, trialsOf(search).length];
  for (const _ of roundsOf(search)) {
    total += count;
    if (search.method === 'halving') count = Math.ceil(count / search.factor);
  }
  return total;
}

function rank(numbers: readonly number[], values: ReadonlyMap<number, number | null>, isHigherBetter: boolean): number[] {
  const sign = isHigherBetter ? -1 : 1;
  const of = (number: number) => sign * values.get(number)!;
  return numbers.filter((number) => values.get(number) !== null).sort((a, b) => of(a) - of(b) || a - b);
}
