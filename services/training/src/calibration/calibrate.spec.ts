import { seededRandom } from '@bascule/stats';
import { describe, expect, it } from 'vitest';
import { sigmoid } from '../trainers/sigmoid.js';
import { calibrated, fitIsotonic, fitPlatt, fitTemperature } from './calibrate.js';

const random = seededRandom(5);
const truths = Array.from({ length: 4000 }, () => 6 * random() - 3);
const labels = truths.map((logit) => Number(random() < sigmoid(logit)));
/** Scores that promise far too much, and lean to yes. */
const boasting = Float64Array.from(truths, (logit) => 3 * logit + 1);

const gap = (probabilityOf: (logit: number) => number) =>
  truths.reduce((sum, logit) => sum + Math.abs(probabilityOf(3 * logit + 1) - sigmoid(logit)), 0) / truths.length;

describe('calibration', () => {
  it('by Platt finds back the stretch and the shift of log odds', () => {
    const platt = fitPlatt(boasting, labels);
    expect(platt.kind === 'platt' && platt.slope).toBeCloseTo(1 / 3, 1);
    expect(gap((logit) => calibrated(platt, logit))).toBeLessThan(0.02);
  });

  it('by Platt promises the share of yes where the ranking is wrong way round', () => {
    const few = truths.map((logit) => Number(random() < sigmoid(logit - 3)));
    const share = few.reduce((sum, label) => sum + label, 0) / few.length;
    const platt = fitPlatt(
      Float64Array.from(truths, (logit) => -logit - 3),
      few,
    );
    expect(calibrated(platt, -3)).toBeCloseTo(share, 2);
  });

  it('by Platt does not turn a ranking round', () => {
    const upside = boasting.map((logit) => -logit);
    expect(fitPlatt(upside, labels)).toMatchObject({ slope: 0 });
  });

  it('by isotonic steps comes near the truth, never falls, and promises no certainty', () => {
    const isotonic = fitIsotonic(boasting, labels);
    expect(gap((logit) => calibrated(isotonic, logit))).toBeLessThan(0.03);
    const line = Array.from({ length: 400 }, (_, i) => calibrated(isotonic, i / 10 - 20));
    for (let i = 1; i < line.length; i++) expect(line[i]!).toBeGreaterThanOrEqual(line[i - 1]!);
    expect(line[0]!).toBeGreaterThan(0);
    expect(line.at(-1)!).toBeLessThan(1);
  });

  it('by isotonic steps is one step where all scores are the same', () => {
    const isotonic = fitIsotonic(new Float64Array(100).fill(2), labels.slice(0, 100));
    expect(isotonic).toMatchObject({ logits: [2] });
  });

  it('by temperature finds how much several classes boast', () => {
    const scores = [Float64Array.from(truths, (logit) => 4 * logit), new Float64Array(truths.length)];
    const classes = labels.map((label) => 1 - label);
    const temperature = fitTemperature(scores, classes);
    expect(temperature.kind === 'temperature' && temperature.factor).toBeCloseTo(0.25, 1);
  });
});
