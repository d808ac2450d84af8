import { names } from '../story.js';
import { driveRollout } from './canary-traffic.js';
import { approve, lastReasons, requestPromotion, waitForChampion } from './promotion.js';
import { count, hold, type Step } from './step.js';

interface Judgement {
  readonly step: number;
  readonly verdict: string;
  readonly reasons: readonly string[];
}

/** The shares of the traffic the rollout went through. */
const shares = (steps: readonly { percent: number }[]) =>
  [...new Set(steps.map(({ percent }) => percent))]
    .filter((percent) => percent > 0)
    .map((percent) => `${percent} %`)
    .join(', ');

export const canary: Step = {
  name: 'canary',
  title: 'The new version goes up gently, judged on evidence',
  async run(story) {
    const version = Number(story.fact('secondVersion'));
    const promotion = await requestPromotion(story, version);
    hold(
      promotion.gates.every((gate) => gate.outcome === 'pass'),
      `gates: ${JSON.stringify(promotion.gates)}`,
    );
    await approve(story, promotion.promotionId, 'Better than the champion on the same later claims.');
    const traffic = await driveRollout(story, promotion.promotionId);
    hold(traffic.rollout.status === 'completed', `the rollout ended ${traffic.rollout.status}: ${lastReasons(traffic.rollout)}`);
    await waitForChampion(story, version);
    const { items } = await story.monitoring.get<{ items: Judgement[] }>(`/v1/rollouts/${traffic.rollout.rolloutId}/judgements`);
    const passes = items.filter((judgement) => judgement.verdict === 'pass');
    hold(passes.length >= 2, `only ${passes.length} steps were passed on evidence`);
    story.facts.set('secondPromotion', promotion.promotionId);
    const answered = Object.entries(traffic.byVersion).map(([id, answers]) => `version ${id} answered ${answers}`);
    return `${shares(traffic.rollout.steps)}; ${count(traffic.requests)} requests, none failed, ${answered.join(', ')}; ${passes.length} steps passed on evidence; champion of ${names.model} is version ${version}`;
  },
};
