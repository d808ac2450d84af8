import { describe, expect, it } from 'vitest';
import { search as schema } from './search.schema.js';
import { type EndedTrial, nextTrials, type PlannedTrial, shareOut } from './search-plan.js';
import { gridSize, trialsOf } from './search-space.js';

const range = { from: 0.001, to: 1000, scale: 'log' };
const grid = schema.parse({ method: 'grid', space: { l2: { values: [0.1, 1, 10] }, mode: { values: ['a', 'b'] } } });
const random = schema.parse({ method: 'random', space: { l2: range }, trials: 9, seed: 3 });
const halving = schema.parse({ method: 'halving', space: { l2: range }, trials: 9, minRows: 0.1, factor: 3 });

/** Runs a search to its end. @param outcomeOf how a trial does; null: it is refused */
function runThrough(search: typeof grid, outcomeOf: (trial: PlannedTrial) => number | null, known: EndedTrial[] = []) {
  const ended = [...known];
  const tried: PlannedTrial[] = [];
  for (;;) {
    const move = nextTrials(search, ended);
    if (move.kind !== 'try') return { move, tried, ended };
    for (const trial of move.trials) {
      tried.push(trial);
      ended.push({ number: trial.number, round: trial.round, value: outcomeOf(trial) });
    }
  }
}
const distance = ({ params }: PlannedTrial) => Math.abs(Math.log10(params['l2'] as number) - 1);

describe('a search', () => {
  it('over a grid tries every combination once', () => {
    expect(gridSize(grid.space)).toBe(6);
    expect(trialsOf(grid)).toEqual([0.1, 1, 10].flatMap((l2) => ['a', 'b'].map((mode) => ({ l2, mode }))));
  });

  it('takes both ends of a range, and whole numbers once', () => {
    const space = { depth: { from: 1, to: 3, integer: true, points: 9 } };
    expect(trialsOf(schema.parse({ method: 'grid', space })).map(({ depth }) => depth)).toEqual([1, 2, 3]);
    const logs = trialsOf(schema.parse({ method: 'grid', space: { l2: { ...range, points: 7 } } })).map(({ l2 }) => l2);
    expect(logs).toEqual([0.001, 0.01, 0.1, 1, 10, 100, 1000]);
  });

  it('draws the same trials under the same seed, none of them twice', () => {
    expect(trialsOf(random)).toEqual(trialsOf(random));
    expect(trialsOf({ ...random, seed: 4 } as typeof random)).not.toEqual(trialsOf(random));
    const small = schema.parse({ method: 'random', space: { l2: { values: [1, 2] } }, trials: 50 });
    expect(trialsOf(small)).toHaveLength(2);
    for (const { l2 } of trialsOf(random)) expect(l2).toSatisfy((value: number) => value >= 0.001 && value <= 1000);
  });

  it('ends with the best trial, of equal ones the first', () => {
    expect(runThrough(grid, ({ params }) => (params['l2'] === 1 ? 0 : 1)).move).toMatchObject({
      kind: 'best',
      trial: { number: 2, params: { l2: 1, mode: 'a' } },
    });
    const highest = { ...grid, metric: 'auc' } as typeof grid;
    expect(runThrough(highest, ({ number }) => number).move).toMatchObject({ trial: { number: 5 } });
  });

  it('by halving lets the better third go on, on three times the rows', () => {
    const { tried, move } = runThrough(halving, distance);
    const rounds = [0, 1, 2, 3].map((round) => tried.filter((trial) => trial.round === round));
    expect(rounds.map((trials) => trials.length)).toEqual([9, 3, 1, 1]);
    expect(rounds.map(([trial]) => trial!.rows)).toEqual([0.1, 0.3, 0.9, 1]);
    const bestThree = [...rounds[0]!].sort((a, b) => distance(a) - distance(b)).slice(0, 3);
    expect(rounds[1]!.map(({ number }) => number)).toEqual(bestThree.map(({ number }) => number).sort());
    expect(move).toMatchObject({ kind: 'best', trial: { number: bestThree[0]!.number } });
  });

  it('that broke off goes on where it was, and ends the same', () => {
    const whole = runThrough(halving, distance);
    const broken = whole.ended.slice(0, 10).reverse();
    const rest = runThrough(halving, distance, broken);
    expect(rest.tried).toHaveLength(whole.tried.length - 10);
    expect(rest.move).toEqual(whole.move);
  });

  it('passes over trials that were refused, and says when all were', () => {
    expect(runThrough(grid, ({ number }) => (number === 0 ? null : number)).move).toMatchObject({ trial: { number: 1 } });
    expect(runThrough(grid, () => null).move).toEqual({ kind: 'none' });
  });

  it('looks for the highest of a number whose trainer says so, and for the lowest where nobody says anything', () => {
    const values = [3, 9, 1, 4, 2, 5];
    const bestOf = (more: object, better?: EndedTrial['better']) => {
      const search = schema.parse({ ...grid, metric: 'trainer.hits', ...more });
      const known = values.map((value, number) => ({ number, round: 0, value, ...(better === undefined ? {} : { better }) }));
      return runThrough(search, () => null, known).move;
    };
    expect(bestOf({})).toMatchObject({ kind: 'best', value: 1 });
    expect(bestOf({}, null)).toMatchObject({ kind: 'best', value: 1 });
    expect(bestOf({}, 'higher')).toMatchObject({ kind: 'best', value: 9 });
    expect(bestOf({ metric: 'auc' }, null)).toMatchObject({ kind: 'best', value: 9 });
    // whoever writes the pipeline has the last word
    expect(bestOf({ goal: 'minimise' }, 'higher')).toMatchObject({ kind: 'best', value: 1 });
  });
});

describe('trials shared out', () => {
  const numbers = (count: number) => Array.from({ length: count }, (_, at) => at);

  it('keep every lane busy, and each is tried once', () => {
    expect(shareOut(numbers(6), 3, 8)).toEqual([
      [0, 1],
      [2, 3],
      [4, 5],
    ]);
    expect(shareOut(numbers(2), 3, 8)).toEqual([[0], [1]]);
    expect(shareOut([], 2, 8)).toEqual([]);
  });

  it('go so many at once at most: a lane that is done early takes more', () => {
    const goes = shareOut(numbers(100), 2, 8);
    expect(goes.map((go) => go.length)).toEqual([...Array(12).fill(8), 4]);
    expect(goes.flat()).toEqual(numbers(100));
    expect(shareOut(numbers(3), 1, 1)).toEqual([[0], [1], [2]]);
  });
});
