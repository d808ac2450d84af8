import { describe, expect, it } from 'vitest';
import { decidePromotion, type PromotionEvidence, strategyOf } from './promotion-policy.js';

const failedGate = { gate: 'auc-floor', outcome: 'fail' as const, reasons: ['auc 0.5 is not at least 0.6'] };
const usual: PromotionEvidence = {
  requestedBy: 'sam',
  approvedBy: 'ada',
  gates: [{ gate: 'auc-floor', outcome: 'pass', reasons: ['auc 0.8 is at least 0.6'] }],
  hasOverride: false,
  isArchived: false,
  artifactFaults: [],
  isFrozen: false,
};

describe('decidePromotion', () => {
  it('approves what passed its gates and was approved by somebody else', () => {
    expect(decidePromotion(usual)).toEqual({ outcome: 'approve', reasons: ['approved by ada', 'every gate passed'] });
  });

  it('refuses the approval of the requester', () => {
    expect(decidePromotion({ ...usual, approvedBy: 'sam' })).toEqual({
      outcome: 'refuse',
      reasons: ['sam cannot approve their own request'],
    });
  });

  it('refuses failed gates without an override and names them', () => {
    expect(decidePromotion({ ...usual, gates: [failedGate] })).toEqual({
      outcome: 'refuse',
      reasons: ['auc-floor: auc 0.5 is not at least 0.6'],
    });
  });

  it('approves failed gates with an override and says so', () => {
    const decision = decidePromotion({ ...usual, gates: [failedGate], hasOverride: true });
    expect(decision).toEqual({ outcome: 'approve', reasons: ['approved by ada', 'gates were overridden: 1 reason'] });
  });

  it('waits while the loop is frozen', () => {
    expect(decidePromotion({ ...usual, isFrozen: true })).toEqual({ outcome: 'wait', reasons: ['the loop is frozen'] });
  });

  it('refuses rather than waits when it could never go ahead', () => {
    expect(decidePromotion({ ...usual, isFrozen: true, isArchived: true }).outcome).toBe('refuse');
    expect(decidePromotion({ ...usual, artifactFaults: ['the artifact is not in the object store'] }).outcome).toBe('refuse');
  });
});

describe('strategyOf', () => {
  it('gives the first version everything at once, whatever was asked', () => {
    expect(strategyOf({ steps: [5, 100] }, false)).toEqual({ steps: [100] });
  });

  it('goes up in three steps unless other steps were asked for', () => {
    expect(strategyOf(undefined, true)).toEqual({ steps: [10, 50, 100] });
    expect(strategyOf({ steps: [5, 100] }, true)).toEqual({ steps: [5, 100] });
  });
});
