import { describe, expect, it } from 'vitest';
import type { NewRunEvent } from '../runs/run-events.service.js';
import { eventOf, RunLog } from './run-log.js';

describe('a line of a trainer', () => {
  it.each([
    ['{"type":"progress","step":"fit","percent":40}', { kind: 'progress', data: { step: 'fit', percent: 40 } }],
    ['{"type":"metric","name":"loss","value":0.5,"step":1}', { kind: 'metric', data: { name: 'loss', value: 0.5, step: 1 } }],
    ['{"type":"log","message":"x"}', { kind: 'log', data: { level: 'info', message: 'x' } }],
    ['{"type":"progress","percent":400}', { kind: 'log', data: { level: 'info', message: '{"type":"progress","percent":400}' } }],
    ['{"type":"metric"', { kind: 'log', data: { level: 'info', message: '{"type":"metric"' } }],
    ['a\u0000b\uD800', { kind: 'log', data: { level: 'info', message: 'a\uFFFDb\uFFFD' } }],
  ])('%j is told as what it is', (line, expected) => {
    expect(eventOf(line, 'output', 1)).toMatchObject(expected);
  });

  it('of standard error is a warning, whatever it looks like', () => {
    expect(eventOf('{"type":"log","message":"x"}', 'errors', 1)).toMatchObject({ kind: 'log', data: { level: 'warn' } });
  });
});

describe('the log of a run', () => {
  it('keeps the beginning of an attempt that talks too much, and says so', async () => {
    const stored: NewRunEvent[] = [];
    const log = new RunLog(1, async (events) => {
      stored.push(...events);
    });
    for (let line = 0; line < 12_000; line++) log.take(`line ${line}`, 'output');
    await log.flush();
    expect(stored).toHaveLength(10_000);
    expect(stored.at(-1)!.data).toEqual({ level: 'warn', message: 'more lines are not kept' });
  });

  it('goes on when its store fails', async () => {
    let calls = 0;
    const log = new RunLog(1, async () => {
      calls++;
      throw new Error('away');
    });
    log.take('a', 'output');
    await log.flush();
    log.take('b', 'output');
    await log.flush();
    expect(calls).toBe(2);
  });
});
