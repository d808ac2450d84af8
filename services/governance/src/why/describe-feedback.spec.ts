import assert from 'node:assert/strict';
import { describe, it } from 'vitest';
import { describeFeedback } from './describe-feedback.js';

const asked = { modelName: 'claims', predictionIds: ['p1'], clientRecordIds: ['claim-1'] };
const decisions = (items: object[], modelName = 'claims') => ({ modelName, keyId: 'k1', reportedBy: 'claims-portal', items });
const type = 'serving.decision.recorded.v1';
const decided = { outcome: 'inspect', ruleVersion: 'triage-3', decidedAt: '1995-01-16T00:00:00Z' };

describe('what a submission says about a claim', () => {
  it('tells rule, outcome, the person who overruled and the reason', () => {
    const item = { ...decided, clientRecordId: 'claim-1', outcome: 'pay', overriddenBy: 'j.doe', reason: 'photos show no damage.' };
    assert.equal(
      describeFeedback(type, decisions([item]), asked),
      'On 1995-01-16 claims-portal (key k1) decided pay by rule triage-3; j.doe overruled the model because: photos show no damage.',
    );
    assert.equal(
      describeFeedback(type, decisions([{ ...decided, predictionId: 'p1' }]), asked),
      'On 1995-01-16 claims-portal (key k1) decided inspect by rule triage-3.',
    );
  });

  it('tells nothing about the claims of others', () => {
    const others = [
      { ...decided, clientRecordId: 'claim-2', reason: 'secret' },
      { ...decided, predictionId: 'p2' },
    ];
    assert.equal(describeFeedback(type, decisions(others), asked), undefined);
    assert.equal(describeFeedback(type, decisions([{ ...decided, clientRecordId: 'claim-1' }], 'loans'), asked), undefined);
    const mixed = describeFeedback(type, decisions([...others, { ...decided, clientRecordId: 'claim-1' }]), asked);
    assert.equal(mixed?.includes('secret'), false);
  });

  it('tells labels with their source and how their case was selected', () => {
    const items = [{ predictionId: 'p1', label: 1, occurredAt: '1995-04-01T00:00:00Z', source: 'settlement', selection: 'model-decision' }];
    assert.equal(
      describeFeedback('serving.ground-truth.received.v1', { modelName: 'claims', keyId: 'k9', items }, asked),
      'What really happened became known on 1995-04-01: 1 (settlement, selected by model decision), as client key k9 reported.',
    );
  });

  it('survives whatever stands in the log', () => {
    for (const data of [null, undefined, {}, { modelName: 'claims', items: 'x' }])
      assert.equal(describeFeedback(type, data, asked), undefined);
  });
});
