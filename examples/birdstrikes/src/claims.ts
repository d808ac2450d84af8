import { readFileSync } from 'node:fs';
import { inferSchema, initParser } from 'udsv';

// the package exports its code only; the data lies beside it
const dataFile = new URL('../data/birdstrikes.csv', import.meta.resolve('vega-datasets'));

/** One wildlife-strike claim as the client's claims system knows it. */
export interface Claim {
  readonly claimNumber: string;
  readonly occurredAt: string;
  /** The original row, in the order of the file's columns. */
  readonly row: readonly string[];
  readonly features: ClaimFeatures;
  /** 1 damage, 0 none, undefined for the stray codes B and C. */
  readonly damaged: number | undefined;
}

export interface ClaimFeatures {
  readonly phase_of_flight: string;
  readonly wildlife_size: string;
  readonly wildlife_species: string;
  readonly time_of_day: string;
  readonly operator: string;
  readonly aircraft: string;
  readonly origin_state: string;
  readonly airport: string;
  /** Knots; null when the pilot did not report it. */
  readonly speed_knots: number | null;
}

export interface ClaimFile {
  readonly header: readonly string[];
  readonly claims: readonly Claim[];
}

const damageOf: Record<string, number> = { None: 0, Minor: 1, Medium: 1, Substantial: 1 };

/** Reads the 10,000 claims in time order; the file has no claim number, so the claims system numbers them by year and row. */
export function readClaims(): ClaimFile {
  const text = readFileSync(dataFile, 'utf8');
  const schema = inferSchema(text);
  const rows = initParser(schema).stringArrs(text) as string[][];
  const header = text.slice(0, text.indexOf('\n')).trimEnd().split(',');
  const column = (name: string) => header.indexOf(name);
  const at = {
    airport: column('Airport Name'),
    aircraft: column('Aircraft Make Model'),
    damage: column('Effect Amount of damage'),
    date: column('Flight Date'),
    operator: column('Aircraft Airline Operator'),
    state: column('Origin State'),
    phase: column('Phase of flight'),
    size: column('Wildlife Size'),
    species: column('Wildlife Species'),
    time: column('Time of day'),
    speed: column('Speed IAS in knots'),
  };
  const claims = rows.map((row, index): Claim => {
    const cell = (position: number) => row[position] ?? '';
    const date = cell(at.date);
    return {
      claimNumber: `WS-${date.slice(0, 4)}-${String(index + 1).padStart(5, '0')}`,
      occurredAt: `${date}T00:00:00.000Z`,
      row,
      features: {
        phase_of_flight: cell(at.phase),
        wildlife_size: cell(at.size),
        wildlife_species: cell(at.species),
        time_of_day: cell(at.time),
        operator: cell(at.operator),
        aircraft: cell(at.aircraft),
        origin_state: cell(at.state),
        airport: cell(at.airport),
        speed_knots: cell(at.speed) === '' ? null : Number(cell(at.speed)),
      },
      damaged: damageOf[cell(at.damage)],
    };
  });
  return { header, claims };
}

/** Claims with `from <= occurredAt < to`, both ISO dates. */
export function claimsBetween(claims: readonly Claim[], from: string, to: string): Claim[] {
  return claims.filter((claim) => claim.occurredAt >= from && claim.occurredAt < to);
}

/** CSV as the claims system exports it: its claim number first, then the original columns. */
export function toCsv(
  header: readonly string[],
  claims: readonly Claim[],
  change: (cell: string, column: string) => string = (cell) => cell,
): string {
  const quoted = (cell: string) => (/[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
  const lines = claims.map((claim) => [claim.claimNumber, ...claim.row.map((cell, i) => change(cell, header[i]!))].map(quoted).join(','));
  return `${['claim_number', ...header].map(quoted).join(',')}\n${lines.join('\n')}\n`;
}
