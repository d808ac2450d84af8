import assert from 'node:assert/strict';
import { catalogue } from '@bascule/contracts';
import { describe, it } from 'vitest';
import { describedTypes, describeEvent } from './describe-event.js';

describe('the sentence about an event', () => {
  it('exists for every event of the catalogue', () => {
    assert.deepEqual([...describedTypes].sort(), catalogue.map(({ type }) => type).sort());
  });

  it('says who did what and why', () => {
    const data = {
      modelName: 'claims-triage',
      version: 3,
      environment: 'production',
      requestedBy: 'sam',
      gates: [{ gate: 'auc', outcome: 'fail' }],
      override: { by: 'ann', reason: 'storm season.' },
    };
    assert.equal(
      describeEvent('registry.promotion.requested.v1', data),
      'sam asked to bring claims-triage version 3 to production; gates failed: auc, overridden by ann because: storm season.',
    );
  });

  it('is made from anything without throwing', () => {
    for (const type of describedTypes) {
      for (const data of [{}, [], { items: null, features: [null], gates: [null], window: 7, metrics: [1] }])
        assert.ok(describeEvent(type, data).length > 10);
    }
  });

  it('tells an erased payload and an unknown type as such', () => {
    assert.equal(describeEvent('training.run.failed.v1', null), 'training.run.failed.v1 happened; what it said was erased.');
    assert.equal(describeEvent('some.new.event.v1', {}), 'some.new.event.v1 happened.');
  });
});
