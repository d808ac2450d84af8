import { describe, expect, it } from 'vitest';
import { triggers } from '../pipelines/triggers.schema.js';
import type { Situation } from './situation.js';
import { decideTrigger, fingerprintOf } from './trigger-policy.js';

const drift: Situation = {
  cause: 'drift-detected',
  rules: triggers.parse({ onDrift: 'auto', minNewLabelledRows: 3000, cooldownMinutes: 0 }),
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

describe('the brakes', () => {
  const withRules = (more: object) => ({ ...drift, rules: triggers.parse({ ...drift.rules, ...more }) });

  it('hold when the budget of the day is used up, and let a person through', () => {
    const situation = { ...withRules({ budget: { runsPerDay: 2, computeMinutesPerDay: 30 } }), usedToday: { runs: 2, computeMinutes: 31 } };
    expect(holds(situation)).toMatchObject({ codes: ['budget-runs', 'budget-minutes'], isPending: true });
    expect(decideTrigger({ ...situation, usedToday: { runs: 1, computeMinutes: 29 } }).outcome).toBe('run');
    expect(decideTrigger({ ...situation, cause: 'manual' }).outcome).toBe('run');
  });

  it('hold after so many runs in a row that did not win', () => {
    expect(holds({ ...drift, lossesInARow: 3 }).codes).toEqual(['losing']);
    expect(decideTrigger({ ...drift, lossesInARow: 2 }).outcome).toBe('run');
    expect(decideTrigger({ ...withRules({ maxLossesInARow: 0 }), lossesInARow: 50 }).outcome).toBe('run');
  });

  it('hold while the whole service has enough to do', () => {
    expect(holds({ ...drift, load: { activeRuns: 9, maxActiveRuns: 9 } }).codes).toEqual(['busy']);
    expect(decideTrigger({ ...drift, load: { activeRuns: 8, maxActiveRuns: 9 } }).outcome).toBe('run');
  });

  it('hold for a while after a person declined', () => {
    const situation = withRules({ cooldownMinutes: 60 });
    const { outcome, reasons } = decideTrigger({ ...situation, lastDeclinedAt: new Date('2025-12-31T23:30:00Z') });
    expect([outcome, reasons[0]!.text]).toEqual(['hold', 'a proposal was declined: cooling down until 2026-01-01T00:30:00.000Z']);
  });

  it('ask a person only when nothing else stands in the way', () => {
    const asking = withRules({ onDrift: 'propose' });
    expect(decideTrigger(asking).proposal?.text).toBe('drift of operator, with 3,200 new labelled rows');
    expect(decideTrigger({ ...asking, activeRunId: 'r1' }).proposal).toBeUndefined();
  });

  it('know a policy of their own for degraded performance', () => {
    const degraded = { ...withRules({ onPerformance: 'off' }), cause: 'performance-degraded' as const };
    expect(holds(degraded)).toEqual({ outcome: 'hold', codes: ['performance-off'], isPending: false });
  });

  it('let new data be a reason where the pipeline says how many rows', () => {
    const published = { ...withRules({ onNewData: { minNewRows: 500 } }), cause: 'dataset-published' as const, driftedFeatures: [] };
    expect(decideTrigger({ ...published, newRows: 5000 })).toMatchObject({
      outcome: 'run',
      reasons: [{ text: '5,000 new rows since the last training' }],
    });
    expect(holds({ ...published, newRows: 499 })).toMatchObject({ codes: ['few-rows'], isPending: true });
  });
});

describe('a schedule', () => {
  const due = (more: object = {}): Situation => ({
    ...drift,
    cause: 'schedule',
    driftedFeatures: [],
    rules: triggers.parse({ ...drift.rules, onDrift: 'off', schedule: { cron: '0 3 * * *', ...more } }),
    nominalAt: new Date('2026-01-01T03:00:00Z'),
  });

  it('runs at its time, whatever the policy on drift', () => {
    expect(decideTrigger(due())).toMatchObject({ outcome: 'run', reasons: [{ text: 'the schedule says so: 2026-01-01T03:00:00.000Z' }] });
  });

  it('lets a time pass when there is nothing new to learn, unless it is to train regardless', () => {
    expect(holds({ ...due(), newLabelledRows: 0 })).toEqual({ outcome: 'hold', codes: ['few-rows'], isPending: false });
    expect(decideTrigger({ ...due({ minNewLabelledRows: 0 }), newLabelledRows: 0 }).outcome).toBe('run');
  });

  it('makes up for a time that a brake held, as far as it catches up', () => {
    expect(holds({ ...due(), activeRunId: 'r1' }).isPending).toBe(true);
    expect(holds({ ...due({ catchUp: 'skip' }), activeRunId: 'r1' }).isPending).toBe(false);
  });
});

describe('fingerprintOf', () => {
  it('is the same for the same brakes in the same state, whatever the numbers', () => {
    const few = (newLabelledRows: number) => fingerprintOf('drift-detected', decideTrigger({ ...drift, newLabelledRows }), 'run 1');
    expect(few(10)).toBe(few(1500));
    expect(few(10)).not.toBe(fingerprintOf('drift-detected', decideTrigger({ ...drift, newLabelledRows: 10 }), 'run 2'));
  });
});
