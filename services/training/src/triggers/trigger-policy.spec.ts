import { describe, expect, it } from 'vitest';
import { decideTrigger, fingerprintOf, type Situation } from './trigger-policy.js';

const drift: Situation = {
  cause: 'drift-detected',
  rules: { onFirstDataset: true, onDrift: 'auto', minNewLabelledRows: 3000, cooldownMinutes: 0 },
  now: new Date('2026-01-01T00:00:00Z'),
  isLoopFrozen: false,
  hasSucceededRun: true,
  unpublishedDatasets: [],
  newLabelledRows: 3200,
  driftedFeatures: ['operator'],
  brokenFeatures: [],
};
const first: Situation = { ...drift, cause: 'dataset-published', hasSucceededRun: false, newLabelledRows: 0, driftedFeatures: [] };
const holds = (situation: Situation) => {
  const { outcome, reasons, isPending } = decideTrigger(situation);
  return { outcome, codes: reasons.map(({ code }) => code), isPending };
};

describe('decideTrigger', () => {
  it('runs on drift with enough new labelled rows, and says on what', () => {
    const { outcome, reasons } = decideTrigger(drift);
    expect(outcome).toBe('run');
    expect(reasons[0]!.text).toBe('drift of operator, with 3,200 new labelled rows');
  });

  it('holds drift for lack of rows and keeps it pending', () => {
    const decision = decideTrigger({ ...drift, newLabelledRows: 1200 });
    expect(decision).toEqual({
      outcome: 'hold',
      reasons: [{ code: 'few-rows', text: '1,200 new labelled rows since the last training, 3,000 needed' }],
      isPending: true,
    });
  });

  it('never trains on the same data again, even when no new rows are asked for', () => {
    expect(holds({ ...drift, rules: { ...drift.rules, minNewLabelledRows: 0 }, newLabelledRows: 0 }).codes).toEqual(['few-rows']);
  });

  it('names every brake at once', () => {
    const situation = { ...drift, isLoopFrozen: true, activeRunId: 'r1', newLabelledRows: 0 };
    expect(holds(situation)).toEqual({ outcome: 'hold', codes: ['frozen', 'active', 'few-rows'], isPending: true });
  });

  it('holds while the pipeline cools down', () => {
    const rules = { ...drift.rules, cooldownMinutes: 60 };
    expect(holds({ ...drift, rules, lastRunAt: new Date('2025-12-31T23:30:00Z') }).codes).toEqual(['cooldown']);
    expect(holds({ ...drift, rules, lastRunAt: new Date('2025-12-31T22:59:00Z') }).outcome).toBe('run');
  });

  it('holds for good when every drifted feature is broken', () => {
    expect(holds({ ...drift, driftedFeatures: ['speed_knots'], brokenFeatures: ['speed_knots'] })).toEqual({
      outcome: 'hold',
      codes: ['broken:speed_knots'],
      isPending: false,
    });
  });

  it('runs when a sound feature drifted beside a broken one', () => {
    const { outcome, reasons } = decideTrigger({ ...drift, driftedFeatures: ['operator', 'speed_knots'], brokenFeatures: ['speed_knots'] });
    expect(outcome).toBe('run');
    expect(reasons[0]!.text).toContain('drift of operator,');
  });

  it('only proposes, or does nothing, when the pipeline says so', () => {
    expect(holds({ ...drift, rules: { ...drift.rules, onDrift: 'propose' } })).toEqual({
      outcome: 'hold',
      codes: ['proposed'],
      isPending: true,
    });
    expect(holds({ ...drift, rules: { ...drift.rules, onDrift: 'off' } })).toEqual({
      outcome: 'hold',
      codes: ['drift-off'],
      isPending: false,
    });
  });

  it('drops drift of features the pipeline does not use, and drift a later training has answered', () => {
    expect(holds({ ...drift, driftedFeatures: [] }).codes).toEqual(['other-features']);
    expect(holds({ ...drift, answeredBy: 'r0' })).toMatchObject({ codes: ['answered'], isPending: false });
  });

  it('needs no drifted feature when performance degraded', () => {
    expect(decideTrigger({ ...drift, cause: 'performance-degraded', driftedFeatures: [] }).outcome).toBe('run');
  });

  it('trains on the first dataset version, whatever its number of new rows', () => {
    expect(decideTrigger(first).outcome).toBe('run');
  });

  it('takes a later dataset version alone as no reason', () => {
    expect(holds({ ...first, hasSucceededRun: true })).toEqual({ outcome: 'hold', codes: ['not-first'], isPending: false });
    expect(holds({ ...first, rules: { ...first.rules, onFirstDataset: false } }).codes).toEqual(['first-dataset-off']);
  });

  it('waits for the dataset it is to be evaluated on', () => {
    expect(holds({ ...first, unpublishedDatasets: ['birdstrikes'] })).toMatchObject({ codes: ['no-dataset:birdstrikes'], isPending: true });
  });

  it('lets a person run without new rows, but not through a freeze or beside another run', () => {
    expect(decideTrigger({ ...drift, cause: 'manual', newLabelledRows: 0, driftedFeatures: [] }).outcome).toBe('run');
    expect(holds({ ...drift, cause: 'manual', isLoopFrozen: true })).toMatchObject({ codes: ['frozen'], isPending: false });
    expect(holds({ ...drift, cause: 'manual', activeRunId: 'r1' }).codes).toEqual(['active']);
  });
});

describe('fingerprintOf', () => {
  it('is the same for the same brakes in the same state, whatever the numbers', () => {
    const few = (newLabelledRows: number) => fingerprintOf('drift-detected', decideTrigger({ ...drift, newLabelledRows }), 'run 1');
    expect(few(10)).toBe(few(1500));
    expect(few(10)).not.toBe(fingerprintOf('drift-detected', decideTrigger({ ...drift, newLabelledRows: 10 }), 'run 2'));
  });
});
