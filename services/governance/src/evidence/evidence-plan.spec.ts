import assert from 'node:assert/strict';
import { describe, it } from 'vitest';
import { stateItems, wantedForPrediction, wantedForPromotion } from './evidence-plan.js';

const statusOf = (items: ReturnType<typeof stateItems>) => Object.fromEntries(items.map(({ what, status }) => [what, status]));

describe('the completeness statement', () => {
  it('takes a claim without settlement as complete, and one without its prediction as not', () => {
    assert.deepEqual(statusOf(stateItems(wantedForPrediction, [{ index: 3, type: 'serving.prediction.logged.v1' }])), {
      prediction: 'found',
      decision: 'not-expected',
      'ground truth': 'not-expected',
    });
    assert.equal(statusOf(stateItems(wantedForPrediction, [])).prediction, 'missing');
  });

  it('misses the approval of a promotion that was rolled out', () => {
    const entries = ['registry.promotion.requested.v1', 'registry.promotion.approved.v1', 'serving.rollout.started.v1'].map(
      (type, index) => ({ index, type }),
    );
    const { approval, 'rollout end': end } = statusOf(stateItems(wantedForPromotion, entries));
    assert.deepEqual([approval, end], ['missing', 'not-expected']);
  });

  it('names the entries that show a thing', () => {
    const [prediction] = stateItems(wantedForPrediction, [
      { index: 3, type: 'serving.prediction.logged.v1' },
      { index: 9, type: 'serving.prediction.logged.v1' },
    ]);
    assert.deepEqual(prediction, { what: 'prediction', status: 'found', entries: [3, 9] });
  });
});
