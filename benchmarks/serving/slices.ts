import { readdirSync, readFileSync } from 'node:fs';
import { descendantsOf } from '@bascule/launcher';
import type { LoadGenerator, LoadResult } from './load.js';

/** One thing to measure: who gets which requests. */
export interface Contestant {
  readonly name: string;
  readonly ports: readonly number[];
  readonly pids: readonly number[];
  readonly requests: readonly Uint8Array[];
}

/** One slice of one contestant. */
export interface Slice extends LoadResult {
  readonly requestsPerSecond: number;
  /** Processor time of the server, its child processes included; undefined where the system does not tell. */
  readonly cpuUs: number | undefined;
}

export interface SliceOptions {
  readonly rounds: number;
  readonly connections: number;
  readonly warmUpMs: number;
  readonly durationMs: number;
}

const warmUpTimes = 2;

/** Measures the contestants in turn, round by round, each round in another order: what disturbs the machine disturbs all alike. */
export async function interleave(
  load: LoadGenerator,
  contestants: readonly Contestant[],
  options: SliceOptions,
): Promise<Map<string, Slice[]>> {
  const slices = new Map<string, Slice[]>(contestants.map(({ name }) => [name, []]));
  // the first round warms up compilers and caches and does not count
  for (let round = -1; round < options.rounds; round++) {
    for (let turn = 0; turn < contestants.length; turn++) {
      const contestant = contestants[(turn + round + 1) % contestants.length]!;
      const slice = await measure(load, contestant, round < 0 ? { ...options, durationMs: warmUpTimes * options.durationMs } : options);
      if (round >= 0) slices.get(contestant.name)!.push(slice);
    }
  }
  return slices;
}

async function measure(load: LoadGenerator, { ports, pids, requests }: Contestant, options: SliceOptions): Promise<Slice> {
  const { connections, warmUpMs, durationMs } = options;
  const before = cpuSecondsOf(pids);
  const result = await load.run({ ports, requests, connections, warmUpMs, durationMs });
  const after = cpuSecondsOf(pids);
  const cpuUs = before === undefined || after === undefined ? undefined : ((after - before) * 1e6) / result.answeredInAll;
  return { ...result, requestsPerSecond: result.answered / result.seconds, cpuUs };
}

function cpuSecondsOf(pids: readonly number[]): number | undefined {
  if (process.platform !== 'linux') return undefined;
  return pids.flatMap(descendantsOf).reduce((sum, pid) => sum + cpuSeconds(pid), 0);
}

/** Time that the threads of a process have run, in nanoseconds the scheduler's own account. */
function cpuSeconds(pid: number): number {
  let nanoseconds = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    try {
      nanoseconds += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]);
    } catch {
      // the thread ended while we looked
    }
  }
  return nanoseconds / 1e9;
}

/** The middle value. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Median over the rounds of the ratio within each round. */
export function medianRatio(
  value: readonly Slice[],
  baseline: readonly Slice[],
  of: (slice: Slice) => number = (s) => s.requestsPerSecond,
): number {
  return median(value.map((slice, round) => of(slice) / of(baseline[round]!)));
}
