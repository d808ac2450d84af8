import { seededRandom } from '@bascule/stats';
import type { Dimension, Search } from './search.schema.js';

/** Values that a trial tries. */
export type TrialParams = Readonly<Record<string, string | number | boolean>>;

/** A grid of more trials than this is refused. */
export const maxTrials = 1000;

/** Values of a dimension that a grid takes. */
function pointsOf(dimension: Dimension): readonly (string | number | boolean)[] {
  if ('values' in dimension) return dimension.values;
  const { points } = dimension;
  const taken = Array.from({ length: points }, (_, at) => numberAt(dimension, at / (points - 1)));
  return [...new Set(taken)];
}

/** The number of a range at a share of its way. */
function numberAt({ from, to, scale, integer }: Extract<Dimension, { from: number }>, share: number): number {
  const number = scale === 'log' ? Math.exp(Math.log(from) + share * (Math.log(to) - Math.log(from))) : from + share * (to - from);
  // 12 digits: what is written in a document and what is computed are one number
  const rounded = Number(number.toPrecision(12));
  return integer ? Math.round(rounded) : Math.min(to, Math.max(from, rounded));
}

/** Number of trials of a grid. */
export function gridSize(space: Search['space']): number {
  return Object.values(space).reduce((size, dimension) => size * pointsOf(dimension).length, 1);
}

// in the order of the names: a document that names them in another order is the same search
const dimensionsOf = (space: Search['space']) => Object.entries(space).sort(([a], [b]) => (a < b ? -1 : 1));

function gridOf(space: Search['space']): TrialParams[] {
  return dimensionsOf(space).reduce<TrialParams[]>(
    (trials, [name, dimension]) => trials.flatMap((trial) => pointsOf(dimension).map((point) => ({ ...trial, [name]: point }))),
    [{}],
  );
}

function draw(space: Search['space'], count: number, seed: number): TrialParams[] {
  const random = seededRandom(seed);
  const drawn = new Map<string, TrialParams>();
  // a small space has fewer trials than were asked for: nobody tries the same twice
  for (let tries = 0; drawn.size < count && tries < count * 20; tries++) {
    const entries = dimensionsOf(space).map(([name, dimension]) => {
      const share = random();
      const value = 'values' in dimension ? dimension.values[Math.floor(share * dimension.values.length)]! : numberAt(dimension, share);
      return [name, value] as const;
    });
    const trial = Object.fromEntries(entries);
    const key = JSON.stringify(entries);
    if (!drawn.has(key)) drawn.set(key, trial);
  }
  return [...drawn.values()];
}

/** The trials of a search, numbered by their place from 0; the same search always has the same ones. */
export function trialsOf(search: Search): readonly TrialParams[] {
  return search.method === 'grid' ? gridOf(search.space) : draw(search.space, search.trials, search.seed);
}
