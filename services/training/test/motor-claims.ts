import { readFileSync } from 'node:fs';
import { absent, referencePath } from '@bascule/testing/reference-data';
import type { Feature, Row } from '../src/trainers/row.js';

const path = 'data/claims/fr_motor_claims_2003-01_to_2004-06.csv';
const numbers = ['DrivAge', 'BonusMalus', 'LicenceNb', 'VehAge', 'PremWindscreen', 'PremDamAll', 'PremTPLM', 'PremTheft', 'PremTot'];
const texts = ['DrivGender', 'PayFreq', 'JobCode', 'VehClass', 'VehPower', 'VehGas', 'VehUsage', 'Garage', 'Area', 'Region', 'Channel'];

export const motorFeatures: Feature[] = [
  ...numbers.map((name) => ({ name, kind: 'numeric' as const })),
  ...texts.map((name) => ({ name, kind: 'categorical' as const })),
];

/** Why a suite on motor claims must be skipped; empty when they are there. */
export const motorClaimsAbsent = absent(path);

/** French motor claims of 2003 and the first half of 2004; the label says whether it was the windscreen. */
export function readMotorClaims(): Row[] {
  if (motorClaimsAbsent) return [];
  // the file has no quoted field
  const [header, ...lines] = readFileSync(referencePath(path), 'utf8').trim().split(/\r?\n/);
  const names = header!.split(',');
  return lines.map((line) => {
    const values = line.split(',');
    const of = (name: string) => values[names.indexOf(name)]!;
    const cells = motorFeatures.map(({ name, kind }) => {
      if (kind === 'categorical') return of(name);
      return of(name) === '' ? Number.NaN : Number(of(name));
    });
    return { occurredAt: Date.parse(of('OccurDate')), label: Number(of('Guarantee') === 'Windscreen'), cells };
  });
}
