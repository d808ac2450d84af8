/** Factors by which a value grows when its unit is changed by mistake. The other direction is the inverse. */
const factors: readonly (readonly [factor: number, from: string, to: string])[] = [
  [1.852, 'knots', 'km/h'],
  [1.15078, 'knots', 'mph'],
  [1.60934, 'miles', 'km'],
  [3.28084, 'metres', 'feet'],
  [3.6, 'm/s', 'km/h'],
  [1.94384, 'm/s', 'knots'],
  [2.20462, 'kilograms', 'pounds'],
  [2.54, 'inches', 'centimetres'],
  [60, 'minutes', 'seconds'],
  [24, 'days', 'hours'],
  [3600, 'hours', 'seconds'],
  [12, 'years', 'months'],
  [10, 'units', 'tenths'],
  [100, 'fractions', 'percent'],
  [1000, 'thousands', 'units'],
  [1_000_000, 'millions', 'units'],
];

/** Known unit changes whose factor lies within a relative distance of the given one. */
export function unitChangesNear(factor: number, distance: number): { factor: number; name: string }[] {
  return factors
    .flatMap(([known, from, to]) => [
      { factor: known, name: `${from} to ${to}` },
      { factor: 1 / known, name: `${to} to ${from}` },
    ])
    .filter((change) => Math.abs(change.factor / factor - 1) <= distance);
}
