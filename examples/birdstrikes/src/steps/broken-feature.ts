import { claimsBetween } from '../claims.js';
import { dates, names, settlementDays } from '../story.js';
import { waitFor } from '../wait-for.js';
import { count, hold, type Step } from './step.js';
import type { Run } from './train.js';

const kilometresPerHourPerKnot = 1.852;

interface BrokenFeature {
  readonly feature: string;
  readonly fault: string;
  readonly reasons: readonly string[];
  readonly window: { readonly from: string };
}

export const brokenFeature: Step = {
  name: 'broken-feature',
  title: 'A fault is told apart from drift: speeds suddenly in km/h',
  async run(story) {
    const runsBefore = await story.training.get<{ items: Run[] }>(`/v1/runs?pipeline=${names.pipeline}`);
    const claims = claimsBetween(story.claims, ...dates.fault);
    await story.claimsSystem.triageAll(claims, {
      settlementDays,
      speedOf: ({ features }) => (features.speed_knots === null ? null : Math.round(features.speed_knots * kilometresPerHourPerKnot)),
    });
    const broken = await waitFor('speed_knots to be reported as broken', async () => {
      const { items } = await story.monitoring.get<{ items: BrokenFeature[] }>(`/v1/models/${names.model}/broken-features`);
      return items.find((item) => item.feature === 'speed_knots' && item.fault === 'scale-changed');
    });
    const { items } = await story.monitoring.get<{ items: BrokenFeature[] }>(`/v1/models/${names.model}/broken-features`);
    // what somebody else asks of the model while the example plays is not its business
    const others = items.filter(({ feature, window }) => feature !== 'speed_knots' && window.from <= dates.fault[1]);
    hold(others.length === 0, `other features were called broken: ${JSON.stringify(others)}`);
    const held = await waitFor('training to hold because of the broken feature', async () => {
      const { items: triggers } = await story.training.get<{ items: { outcome: string; reasons: string[] }[] }>(
        `/v1/triggers?pipeline=${names.pipeline}&limit=200`,
      );
      return triggers.find((trigger) => trigger.outcome === 'hold' && trigger.reasons.some((reason) => reason.includes('speed_knots')));
    });
    const runsAfter = await story.training.get<{ items: Run[] }>(`/v1/runs?pipeline=${names.pipeline}`);
    hold(runsAfter.items.length === runsBefore.items.length, 'a run was started on the broken feature');
    return `${count(claims.length)} claims with speeds in km/h: ${broken.reasons[0]}; training holds: ${held.reasons.find((reason) => reason.includes('speed_knots'))?.split(' (')[0]}`;
  },
};
