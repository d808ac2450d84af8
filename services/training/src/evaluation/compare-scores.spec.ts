import { describe, expect, it } from 'vitest';
import { compareScores } from './compare-scores.js';

const labels = Array.from({ length: 400 }, (_, row) => (row % 4 === 0 ? 1 : 0) as 0 | 1);
const sharp = Float64Array.from(labels, (label, row) => (label ? 0.7 : 0.2) + (row % 7) / 100);
const blunt = Float64Array.from(labels, (label, row) => (label ? 0.4 : 0.25) + (row % 7) / 100);

describe('compareScores', () => {
  it('tells the better model of two on the same rows, whichever comes first', () => {
    const { verdict, difference, interval } = compareScores(sharp, blunt, labels);
    expect(verdict).toBe('better');
    expect(difference).toBeLessThan(0);
    expect(interval[0]).toBeLessThan(difference);
    expect(compareScores(blunt, sharp, labels).verdict).toBe('worse');
  });

  it('finds no difference where there is none', () => {
    expect(compareScores(sharp, sharp, labels)).toMatchObject({ verdict: 'no-difference', difference: 0 });
    const shaken = sharp.map((score, row) => score + (((row * 7919) % 13) - 6) / 1000);
    expect(compareScores(shaken, sharp, labels).verdict).toBe('no-difference');
  });

  it('does not judge on few rows, or on hardly any of one class', () => {
    expect(compareScores(sharp.slice(0, 50), blunt.slice(0, 50), labels.slice(0, 50)).verdict).toBe('too-little-data');
    const rare = labels.map((_, row) => (row < 5 ? 1 : 0) as 0 | 1);
    expect(compareScores(sharp, blunt, rare).verdict).toBe('too-little-data');
  });

  it('takes rows that neither model can tell apart for one, however many they are', () => {
    const same = 200;
    const differ = (scores: Float64Array, score: number) => scores.map((value, row) => (row < same ? score : value));
    const shaken = sharp.map((score, row) => score + (((row * 7919) % 13) - 6) / 1000);
    // a fifth of yes among them: 0.25 comes nearer than 0.3, once
    const { verdict, difference } = compareScores(differ(shaken, 0.25), differ(sharp, 0.3), labels);
    expect(difference).toBeLessThan(0);
    expect(verdict).toBe('no-difference');
  });

  it('stays finite for scores of 0 and 1 that are wrong', () => {
    const wrong = Float64Array.from(labels, (label) => 1 - label);
    expect(Number.isFinite(compareScores(wrong, sharp, labels).difference)).toBe(true);
  });
});
