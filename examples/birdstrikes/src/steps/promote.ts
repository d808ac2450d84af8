import { names } from '../story.js';
import { waitFor } from '../wait-for.js';
import { approve, findRollout, lastReasons, requestPromotion, waitForChampion } from './promotion.js';
import { hold, type Step } from './step.js';

export const promote: Step = {
  name: 'promote',
  title: 'Gates, approval by a second person, rollout, alias',
  async run(story) {
    const version = Number(story.fact('firstVersion'));
    const promotion = await requestPromotion(story, version);
    hold(
      promotion.gates.length > 0 && promotion.gates.every((gate) => gate.outcome === 'pass'),
      `gates: ${JSON.stringify(promotion.gates)}`,
    );
    await approve(story, promotion.promotionId, 'First version: metrics on the later hold-out are sound.');
    const rollout = await waitFor('the rollout to complete', async () => {
      const found = await findRollout(story, promotion.promotionId);
      hold(!found || !['rolled-back', 'aborted'].includes(found.status), `the rollout ended ${found?.status}: ${lastReasons(found)}`);
      return found?.status === 'completed' ? found : undefined;
    });
    await waitForChampion(story, version);
    story.facts.set('firstPromotion', promotion.promotionId);
    story.facts.set('firstRollout', rollout.rolloutId);
    story.facts.set('firstInProductionAt', new Date().toISOString());
    return `${promotion.gates.length} gates passed, own vote refused, approved by another identity, rollout completed, champion of ${names.model} is version ${version}`;
  },
};
