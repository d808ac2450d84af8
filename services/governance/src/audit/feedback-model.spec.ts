import assert from 'node:assert/strict';
import { describe, it } from 'vitest';
import { isAboutModel } from './feedback-model.js';

const type = 'serving.decision.recorded.v1';
const entry = (data: unknown) => ({ type, payload: data === null ? null : Buffer.from(JSON.stringify(data)) });

describe('what clients report', () => {
  it('counts for the model it was submitted for, and no other', () => {
    assert.equal(isAboutModel(entry({ modelName: 'claims' }), 'claims'), true);
    assert.equal(isAboutModel(entry({ modelName: 'i64' }), 'claims'), false);
    assert.equal(isAboutModel(entry('x'), 'claims'), false);
  });

  it('stays where it is known when it was erased', () => assert.equal(isAboutModel(entry(null), 'claims'), true));
});
