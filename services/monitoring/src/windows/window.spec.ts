import { describe, expect, it } from 'vitest';
import { isDue, monthKey, nameOf, toTimeWindow, watermarkOf, windowAt } from './window.js';

describe('calendar windows', () => {
  const instant = new Date('2001-12-31T23:59:59.999Z');
  it('hold their start and not their end', () => {
    expect(toTimeWindow(windowAt('month', instant))).toEqual({ from: '2001-12-01T00:00:00.000Z', to: '2002-01-01T00:00:00.000Z' });
    expect(toTimeWindow(windowAt('year', instant))).toEqual({ from: '2001-01-01T00:00:00.000Z', to: '2002-01-01T00:00:00.000Z' });
    expect(monthKey(new Date('2002-01-01T00:00:00Z'))).toBe('2002-01-01');
  });
  it('are called as people call them', () => {
    expect(nameOf(windowAt('month', instant))).toBe('December 2001');
    expect(nameOf(windowAt('year', instant))).toBe('2001');
  });
});

describe('a verdict', () => {
  it('is due when there was none', () => expect(isDue(1, undefined)).toBe(true));
  it('is not due for an empty window', () => expect(isDue(0, undefined)).toBe(false));
  it('is due again when late rows changed the window by more than 5 %', () => {
    expect(isDue(105, 100)).toBe(false);
    expect(isDue(106, 100)).toBe(true);
  });
});

describe('the watermark', () => {
  const receivedAt = new Date('2026-01-01T00:00:00Z');
  it('follows the clients, who may replay the past', () => {
    expect(watermarkOf(new Date('1995-03-01'), receivedAt)).toEqual(new Date('1995-03-01'));
  });
  it('does not follow a clock that runs years ahead', () => expect(watermarkOf(new Date('2099-01-01'), receivedAt)).toEqual(receivedAt));
});
