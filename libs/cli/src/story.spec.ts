import { describe, expect, it } from 'vitest';
import { tellStory, type WhyAnswer } from './story.js';

type Step = WhyAnswer['chain'][number];
const step = (time: string, summary: string, place?: Step['place']): Step => ({
  time,
  type: 't',
  eventId: 'e',
  summary,
  ...(place ? { place } : {}),
});
const tell = (...chain: Step[]) => tellStory({ id: '1', kind: 'run', chain }).split('\n');

describe('a chain of causes', () => {
  it('is told from the first cause to the last effect', () => {
    expect(
      tell(step('2026-01-02T10:00:00.000Z', 'A batch came.', 'cause'), step('2026-01-02T10:01:00.000Z', 'A run began.', 'itself')),
    ).toEqual([
      'run 1',
      '',
      'How it came to this:',
      '  2026-01-02',
      '    10:00:00  A batch came.',
      '',
      'This is it:',
      '  2026-01-02',
      '    10:01:00  A run began.',
    ]);
  });

  it('names the day once', () => {
    const lines = tell(
      step('2026-01-02T10:00:00.000Z', 'A.'),
      step('2026-01-02T11:00:00.000Z', 'B.'),
      step('2026-01-03T09:00:00.000Z', 'C.'),
    );
    expect(lines.filter((line) => /^ {2}\d{4}-/.test(line))).toEqual(['  2026-01-02', '  2026-01-03']);
  });

  it('tells the same thing in a row once, with how often', () => {
    const lines = tell(step('2026-01-02T10:00:00.000Z', 'A gateway loaded it.'), step('2026-01-02T10:00:01.000Z', 'A gateway loaded it.'));
    expect(lines.at(-1)).toBe('    10:00:00  A gateway loaded it. (2 times)');
  });
});
