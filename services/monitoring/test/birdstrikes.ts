import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ReferenceProfile } from '@bascule/contracts';
import { countIntoBins, quantile, quantileEdges } from '@bascule/stats';
import { type Cell, WindowCounts } from '../src/windows/window-counts.js';

export type Claim = Record<'phase_of_flight' | 'wildlife_size' | 'time_of_day' | 'operator' | 'aircraft' | 'speed' | 'date', string>;

const columns: Record<keyof Claim, string> = {
  phase_of_flight: 'Phase of flight',
  wildlife_size: 'Wildlife Size',
  time_of_day: 'Time of day',
  operator: 'Aircraft Airline Operator',
  aircraft: 'Aircraft Make Model',
  speed: 'Speed IAS in knots',
  date: 'Flight Date',
};

function pathOfData(): string | undefined {
  const path = join(import.meta.dirname, '../../../node_modules/vega-datasets/data/birdstrikes.csv');
  return existsSync(path) ? path : undefined;
}

/** Real claims, in order of time; empty where the data set is not installed. */
export function birdstrikes(): Claim[] {
  const path = pathOfData();
  if (!path) return [];
  const [header, ...lines] = readFileSync(path, 'utf8').trim().split(/\r?\n/).map(cellsOf);
  return lines.map((cells) => {
    const row = Object.entries(columns).map(([name, column]) => [name, cells[header!.indexOf(column)]!.trim()]);
    return Object.fromEntries(row) as Claim;
  });
}

function cellsOf(line: string): string[] {
  return [...line.matchAll(/("([^"]|"")*"|[^,]*)(,|$)/g)].map((match) => match[1]!.replace(/^"|"$/g, ''));
}

const categorical = ['phase_of_flight', 'wildlife_size', 'time_of_day', 'operator', 'aircraft'] as const;

export function countsOf(claims: readonly Claim[], speedFactor = 1): WindowCounts {
  const counts = new WindowCounts();
  for (const claim of claims) {
    const speed: Cell = claim.speed === '' ? undefined : Math.round(Number(claim.speed) * speedFactor);
    counts.addRow([...categorical.map((name): [string, Cell] => [name, claim[name] || undefined]), ['speed', speed]], 0.1);
  }
  return counts;
}

/** A profile as training makes it: every category, numbers in ten bins. */
export function profileOf(claims: readonly Claim[]): ReferenceProfile['features'] {
  const speeds = claims
    .filter((claim) => claim.speed !== '')
    .map((claim) => Number(claim.speed))
    .sort((a, b) => a - b);
  const edges = quantileEdges(speeds, 10);
  return [
    ...categorical.map((name) => {
      const tally = new Map<string, number>();
      for (const claim of claims) if (claim[name]) tally.set(claim[name], (tally.get(claim[name]) ?? 0) + 1);
      const missing = claims.filter((claim) => !claim[name]).length;
      return { name, kind: 'categorical' as const, missing, categories: [...tally].map(([value, count]) => ({ value, count })) };
    }),
    {
      name: 'speed',
      kind: 'numeric' as const,
      missing: claims.length - speeds.length,
      edges,
      counts: countIntoBins(speeds, edges),
      min: speeds[0]!,
      max: speeds.at(-1)!,
      quantiles: [0.05, 0.25, 0.5, 0.75, 0.95].map((p) => quantile(speeds, p)),
    },
  ];
}

/** Of the claims before 1995, scored by `scoreOf`. */
export function referenceProfile(scoreOf: (claim: Claim) => number): ReferenceProfile {
  const rows = birdstrikes().filter((claim) => claim.date < '1995');
  const scores = rows.map(scoreOf);
  const edges = [0.06, 0.1, 0.15, 0.2, 0.25];
  return {
    schemaVersion: 1,
    datasetName: 'birdstrikes',
    datasetVersion: 'd'.repeat(64),
    rowCount: rows.length,
    occurredFrom: '1990-01-01T00:00:00Z',
    occurredTo: '1995-01-01T00:00:00Z',
    features: profileOf(rows),
    prediction: {
      name: 'damaged',
      kind: 'numeric',
      missing: 0,
      edges,
      counts: countIntoBins(scores, edges),
      min: 0,
      max: 1,
      quantiles: [],
    },
    performance: { rowCount: 900, positiveCount: 90, auc: 0.77, logLoss: 0.28, brier: 0.08 },
  };
}
