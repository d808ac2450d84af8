import { readFileSync } from 'node:fs';
import type { Feature, Row } from '../src/trainers/row.js';

const columns = {
  phase_of_flight: 'Phase of flight',
  wildlife_size: 'Wildlife Size',
  wildlife_species: 'Wildlife Species',
  time_of_day: 'Time of day',
  operator: 'Aircraft Airline Operator',
  aircraft: 'Aircraft Make Model',
  origin_state: 'Origin State',
  airport: 'Airport Name',
  speed_knots: 'Speed IAS in knots',
} as const;

const damage: Record<string, 0 | 1> = { None: 0, Minor: 1, Medium: 1, Substantial: 1 };

export const features: Feature[] = Object.keys(columns).map((name) => ({ name, kind: name === 'speed_knots' ? 'numeric' : 'categorical' }));

/** Ten thousand damage claims, 1990 to 2002; records with a stray damage code are left out. */
export function readBirdstrikes(): Row[] {
  const file = new URL('../../../node_modules/vega-datasets/data/birdstrikes.csv', import.meta.url);
  const [header, ...lines] = readFileSync(file, 'utf8').trim().split(/\r?\n/);
  const names = header!.split(',');
  // the file has no quoted field
  const records = lines.map((line) => Object.fromEntries(line.split(',').map((value, i) => [names[i], value])) as Record<string, string>);
  return records.flatMap((record) => {
    const label = damage[record['Effect Amount of damage']!];
    if (label === undefined) return [];
    const cells = features.map(({ name, kind }) => {
      const value = record[columns[name as keyof typeof columns]]!;
      if (kind === 'categorical') return value;
      return value === '' ? Number.NaN : Number(value);
    });
    return [{ occurredAt: Date.parse(record['Flight Date']!), label, cells }];
  });
}

/** Claims of the years from the first to the last, both included. */
export function inYears(rows: readonly Row[], first: number, last: number): Row[] {
  return rows.filter(({ occurredAt }) => {
    const year = new Date(occurredAt).getUTCFullYear();
    return year >= first && year <= last;
  });
}
