import { describe, expect, it } from 'vitest';
import { decidePromotion, type PromotionEvidence, strategyOf } from './promotion-policy.js';

const failedGate = { gate: 'auc-floor', outcome: 'fail' as const, reasons: ['auc 0.5 is not at least 0.6'] };
const usual: PromotionEvidence = {
  requestedBy: 'sam',
  yeses: [{ by: 'ada', roles: ['approver'] }],
  approvals: [{ role: 'approver', count: 1 }],
  gates: [{ gate: 'auc-floor', outcome: 'pass', reasons: ['auc 0.8 is at least 0.6'] }],
  override: null,
  isArchived: false,
  artifactFaults: [],
};

describe('decidePromotion', () => {
  it('approves what passed its gates and was approved by somebody else', () => {
    expect(decidePromotion(usual)).toEqual({ outcome: 'approve', reasons: ['approved by ada', 'every gate passed'] });
  });

  it('refuses the approval of the requester', () => {
    expect(decidePromotion({ ...usual, yeses: [{ by: ' Sam', roles: ['approver'] }] })).toEqual({
      outcome: 'refuse',
      reasons: [' Sam cannot approve their own request'],
    });
  });

  it('refuses failed gates without an override and names them', () => {
    expect(decidePromotion({ ...usual, gates: [failedGate] })).toEqual({
      outcome: 'refuse',
      reasons: ['auc-floor: auc 0.5 is not at least 0.6'],
    });
  });

  it('approves failed gates with an override and says so', () => {
    const decision = decidePromotion({ ...usual, gates: [failedGate], override: { by: 'sam' } });
    expect(decision).toEqual({ outcome: 'approve', reasons: ['approved by ada', 'gates were overridden: 1 reason'] });
  });

  it('counts the votes itself: enough of every role, nobody twice, not whoever passed over the gates', () => {
    const approvals = [{ role: 'approver', count: 2 }] as const;
    const [ada, ben] = ['ada', 'ben'].map((by) => ({ by, roles: ['approver'] }));
    expect(decidePromotion({ ...usual, approvals }).reasons).toEqual(['nobody said yes as approver']);
    expect(decidePromotion({ ...usual, approvals, yeses: [ada!, { ...ada!, by: 'Ada' }] }).reasons).toEqual(['somebody voted twice']);
    expect(decidePromotion({ ...usual, approvals, yeses: [ada!, ben!] }).reasons[0]).toBe('approved by ada, ben');
    const overridden = { ...usual, gates: [failedGate], override: { by: 'ada' } };
    expect(decidePromotion(overridden).reasons).toEqual(['ada passed over the gates and cannot approve it as well']);
    expect(decidePromotion({ ...usual, approvals: [], yeses: [] }).reasons[0]).toBe('the policy asks for no approval');
  });

  it('waits while the loop is frozen', () => {
    expect(decidePromotion({ ...usual, waitsFor: 'the loop is frozen' })).toEqual({ outcome: 'wait', reasons: ['the loop is frozen'] });
  });

  it('refuses rather than waits when it could never go ahead', () => {
    expect(decidePromotion({ ...usual, waitsFor: 'the loop is frozen', isArchived: true }).outcome).toBe('refuse');
    expect(decidePromotion({ ...usual, artifactFaults: ['the artifact is not in the object store'] }).outcome).toBe('refuse');
  });
});

describe('a decision days after the request', () => {
  const consumers = { gate: 'consumers', outcome: 'fail' as const, reasons: ['broker: input airport is not known'] };
  const reasonsOf = (changed: Partial<PromotionEvidence>) => decidePromotion({ ...usual, ...changed });

  it('goes by the gates of now, and says which held when it was asked for', () => {
    expect(reasonsOf({ gatesNow: usual.gates }).outcome).toBe('approve');
    expect(reasonsOf({ gatesNow: [...usual.gates, consumers] })).toEqual({
      outcome: 'refuse',
      reasons: ['since it was asked for, consumers: broker: input airport is not known'],
    });
  });

  it('keeps an override to what had failed when the approvers were asked', () => {
    const overridden = { gates: [failedGate], override: { by: 'sam' } };
    expect(reasonsOf({ ...overridden, gatesNow: [failedGate] })).toMatchObject({
      outcome: 'approve',
      reasons: ['approved by ada', 'gates were overridden: 1 reason'],
    });
    expect(reasonsOf({ ...overridden, gatesNow: [failedGate, consumers] })).toEqual({
      outcome: 'refuse',
      reasons: ['since it was asked for, consumers: broker: input airport is not known'],
    });
  });

  it('asks for the approvals of the policy of now as well', () => {
    const approvalsNow = [{ role: 'approver', count: 2 }] as const;
    expect(reasonsOf({ approvalsNow })).toEqual({
      outcome: 'refuse',
      reasons: ['the policy has changed, and nobody said yes as approver: ask again'],
    });
    expect(reasonsOf({ approvalsNow: [] }).outcome).toBe('approve');
  });

  it('refuses what has become the champion, and a plan for an environment that was empty then', () => {
    expect(reasonsOf({ isChampionNow: true }).outcome).toBe('refuse');
    expect(reasonsOf({ hasFirstChampion: true }).reasons).toEqual([
      'there is a champion now, and the rollout was planned for none: ask again',
    ]);
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

  it('goes back all at once, unless something else was asked for', () => {
    expect(strategyOf(undefined, true, true)).toEqual({ kind: 'all-at-once', steps: [100] });
    expect(strategyOf({ kind: 'canary' }, true, true)).toEqual({ kind: 'canary', steps: [10, 50, 100] });
  });

  it('knows the steps that a kind implies', () => {
    for (const kind of ['all-at-once', 'blue-green', 'shadow'] as const) {
      expect(strategyOf({ kind, minSeconds: 5 }, true)).toEqual({ kind, minSeconds: 5, steps: [100] });
    }
  });
});
