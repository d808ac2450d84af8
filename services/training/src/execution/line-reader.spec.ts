import { describe, expect, it } from 'vitest';
import { LineReader } from './line-reader.js';

const linesOf = (...texts: string[]): string[] => {
  const lines: string[] = [];
  const reader = new LineReader((line) => lines.push(line));
  for (const text of texts) reader.take(text);
  reader.end();
  return lines;
};

describe('the line reader', () => {
  it('joins what comes in pieces and drops empty lines', () => {
    expect(linesOf('a', 'b\n\nc', '\r\n', 'd')).toEqual(['ab', 'c', 'd']);
  });

  it('holds no more than one line, however long it goes on', () => {
    const [line] = linesOf(...Array.from({ length: 100 }, () => 'x'.repeat(1000)));
    expect(line).toHaveLength(8001);
    expect(line!.endsWith('…')).toBe(true);
  });
});
