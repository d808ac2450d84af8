import { describe, expect, it } from 'vitest';
import { BlockedTargets } from './blocked-targets.js';
import { eventDay } from './event-day.js';
import { sendInOrder } from './send-in-order.js';

interface Row {
  readonly entity: string;
  readonly stream: string;
  readonly turn: number;
}
const row = (entity: string, turn: number, stream = 'S'): Row => ({ entity, stream, turn });

/** Answers each row when told to, or with the error planned for it. */
function sender(errors: Record<number, Error> = {}) {
  const started: number[] = [];
  const send = async ({ turn }: Row): Promise<number> => {
    started.push(turn);
    await new Promise((resolve) => setImmediate(resolve));
    if (errors[turn]) throw errors[turn];
    return turn;
  };
  return { started, send };
}

describe('rows sent in order', () => {
  it('travel side by side when they tell about different entities', async () => {
    const { started, send } = sender();
    const sending = sendInOrder([row('a', 1), row('b', 2), row('c', 3)], send, () => 'entity');
    expect(started.length).toBeLessThanOrEqual(1);
    await Promise.resolve()
      .then(() => Promise.resolve())
      .then(() => Promise.resolve());
    expect(started).toEqual([1, 2, 3]);
    await sending;
  });

  it('of one entity wait for each other', async () => {
    const order: string[] = [];
    const send = async ({ turn }: Row) => {
      order.push(`start ${turn}`);
      await new Promise((resolve) => setImmediate(resolve));
      order.push(`end ${turn}`);
    };
    await sendInOrder([row('a', 1), row('a', 2)], send, () => 'entity');
    expect(order).toEqual(['start 1', 'end 1', 'start 2', 'end 2']);
  });

  it.each([
    ['entity', [1, 2, 4, 5]],
    ['stream', [1, 2, 5]],
    ['connection', [1, 2]],
  ] as const)('stop for the %s that failed', async (reach, expected) => {
    const { started, send } = sender({ 1: new Error('refused') });
    // turn 3 waits for turn 1, so the failure is known before anything after it leaves
    await sendInOrder([row('a', 1), row('b', 2), row('a', 3), row('c', 4), row('d', 5, 'T')], send, () => reach);
    expect(started).toEqual(expected);
  });
});

describe('a target that refused', () => {
  it('is left alone for a while that doubles with every refusal', () => {
    let now = 0;
    const blocked = new BlockedTargets(() => now);
    blocked.block(row('a', 1), 'stream');
    expect(blocked.streams()).toEqual(['S']);
    now = 600;
    expect(blocked.streams()).toEqual([]);
    blocked.block(row('a', 1), 'stream');
    now = 1500;
    expect(blocked.streams()).toEqual(['S']);
    now = 1700;
    blocked.release(row('a', 1));
    expect(blocked.refusing()).toEqual([]);
  });

  it('counts as refusing until something got through', () => {
    let now = 0;
    const blocked = new BlockedTargets(() => now);
    blocked.block(row('a', 1), 'stream');
    now = 60_000;
    expect(blocked.streams()).toEqual([]);
    expect(blocked.refusing()).toEqual(['S']);
  });
});

describe('the day of an event', () => {
  it('is the day inside its UUIDv7, always the same', () => {
    expect(eventDay('019b76da-a800-7000-8000-000000000000')).toBe('2026-01-01');
    expect(eventDay('019B76DA-A7FF-7fff-bfff-ffffffffffff')).toBe('2025-12-31');
  });

  it('is a fixed one for other ids', () => {
    for (const id of ['order-17', 'f81d4fae-7dec-11d0-a765-00a0c91e6bf6', 'GOVERNANCE:5']) expect(eventDay(id)).toBe('1970-01-01');
  });

  it('is a fixed one for days no calendar has', () => {
    expect(eventDay('ffffffff-ffff-7fff-bfff-ffffffffffff')).toBe('1970-01-01');
  });
});
