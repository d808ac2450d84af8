import { describe, expect, it } from 'vitest';
import { type StepLine, Steps, stepGraph, stepKey, stepNames } from './steps.js';

describe('the steps of a run', () => {
  it('form a graph in which each comes after what it rests on', () => {
    for (const [at, name] of stepNames.entries()) {
      for (const needed of stepGraph[name]) expect(stepNames.indexOf(needed)).toBeLessThan(at);
    }
  });

  it('have the same key for the same inputs, in whatever order they are named', () => {
    expect(stepKey('train', 'code', { a: 1, b: undefined, c: [2] })).toBe(stepKey('train', 'code', { c: [2], a: 1 }));
    const keys = [stepKey('train', 'code', { a: 1 }), stepKey('train', 'code', { a: 2 }), stepKey('train', 'other', { a: 1 })];
    expect(new Set([...keys, stepKey('evaluate', 'code', { a: 1 })]).size).toBe(4);
  });

  it('are carried out once while their inputs stay, and say so', async () => {
    const told: StepLine[] = [];
    let times = 0;
    const work = async () => ({ times: ++times });
    await new Steps('code', {}, (line) => told.push(line)).run('train', { l2: 1 }, work);
    const known = { [told[1]!.key]: told[1]!.output };
    const again = new Steps('code', known, (line) => told.push(line));
    expect(await again.run('train', { l2: 1 }, work)).toEqual({ times: 1 });
    expect(await again.run('train', { l2: 2 }, work)).toEqual({ times: 2 });
    expect(told.map(({ status }) => status)).toEqual(['started', 'done', 'reused', 'started', 'done']);
  });

  it('are carried out again when what they made is gone', async () => {
    const key = stepKey('train', '', {});
    const steps = new Steps('', { [key]: 'old' });
    expect(
      await steps.run(
        'train',
        {},
        async () => 'new',
        async (output) => output !== 'old',
      ),
    ).toBe('new');
  });
});
