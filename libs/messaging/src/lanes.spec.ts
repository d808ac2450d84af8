import { describe, expect, it } from 'vitest';
import { Lanes, nextToStart, type Place } from './lanes.js';

const small = (lane: string): Place => ({ lane, isLarge: false });
const large = (lane: string): Place => ({ lane, isLarge: true });
const limits = { atOnce: 3, largeAtOnce: 1 };

describe('what may start next', () => {
  it('is the first that came', () => {
    const waiting = [small('a'), small('b')];
    expect(nextToStart(waiting, [], limits)).toBe(waiting[0]);
  });

  it('is nothing of a lane in which another runs', () => {
    const waiting = [small('a'), small('b')];
    expect(nextToStart(waiting, [large('a')], limits)).toBe(waiting[1]);
    expect(nextToStart([small('a')], [small('a')], limits)).toBeUndefined();
  });

  it('is no second large one, and a small one overtakes it', () => {
    const waiting = [large('b'), small('c')];
    expect(nextToStart(waiting, [large('a')], limits)).toBe(waiting[1]);
    expect(nextToStart(waiting, [small('a')], limits)).toBe(waiting[0]);
  });

  it('is never one that another of its lane waits before', () => {
    expect(nextToStart([large('b'), small('b')], [large('a')], limits)).toBeUndefined();
  });

  it('is nothing when all hands are at work', () => {
    expect(nextToStart([small('d')], [large('a'), small('b'), small('c')], limits)).toBeUndefined();
  });
});

describe('lanes', () => {
  /** Lanes whose items end when they are told to. */
  function open() {
    const started: string[] = [];
    const ends = new Map<string, () => void>();
    const givenBack: string[] = [];
    const lanes = new Lanes<string>(limits, {
      placeOf: (item) => ({ lane: item[0]!, isLarge: item.endsWith('!') }),
      work: (item) => {
        started.push(item);
        return new Promise((resolve) => ends.set(item, resolve));
      },
      keep: () => {},
      giveBack: (item) => givenBack.push(item),
      keepEveryMs: 1000,
    });
    const end = async (item: string, added: Promise<void>) => {
      ends.get(item)!();
      await added;
    };
    return { lanes, started, givenBack, end };
  }

  it('keep the order of each while others go by', async () => {
    const { lanes, started, end } = open();
    const first = lanes.add('a1!');
    const second = lanes.add('a2');
    const other = lanes.add('b1');
    expect(started).toEqual(['a1!', 'b1']);
    await end('b1', other);
    expect(started).toEqual(['a1!', 'b1']);
    await end('a1!', first);
    expect(started).toEqual(['a1!', 'b1', 'a2']);
    await end('a2', second);
    lanes.stop();
  });

  it('give back what waits when they stop, and take no more', async () => {
    const { lanes, started, givenBack, end } = open();
    const running = lanes.add('a1');
    const waiting = [lanes.add('a2'), lanes.add('a3')];
    lanes.stop();
    await Promise.all(waiting);
    await lanes.add('b1');
    expect(givenBack).toEqual(['a2', 'a3', 'b1']);
    await end('a1', running);
    expect(started).toEqual(['a1']);
  });
});
