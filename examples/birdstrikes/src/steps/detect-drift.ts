import { claimsBetween } from '../claims.js';
import { dates, names, settlementDays } from '../story.js';
import { scoreOf, yearReport } from './drift-reports.js';
import { quietFeatures, quietLimit } from './replay-quiet.js';
import { count, hold, type Step } from './step.js';
import { nextRun, versionOf } from './train.js';

interface Trigger {
  readonly cause: string;
  readonly outcome: string;
  readonly reasons: readonly string[];
}

export const detectDrift: Step = {
  name: 'drift',
  title: 'The real shift is reported and retraining follows within its brakes',
  async run(story) {
    const claims = claimsBetween(story.claims, ...dates.laterYears);
    await story.claimsSystem.triageAll(claims, { settlementDays });
    await story.claimsSystem.settleAll(settlementDays);
    // one claim of the new year moves the watermark, so that 2001 is over for monitoring
    await story.claimsSystem.triageAll(claimsBetween(story.claims, ...dates.beforeFault), { settlementDays });
    const version = story.fact('firstVersion');
    const first = await yearReport(story, version, 1995);
    const last = await yearReport(story, version, 2001);
    for (const feature of ['operator', 'aircraft']) {
      hold(scoreOf(last, feature).score > scoreOf(first, feature).score, `${feature} did not move further from the reference`);
      hold(scoreOf(last, feature).verdict === 'drifted', `${feature} is not reported as drifted in 2001`);
    }
    hold(
      quietFeatures.every((feature) => scoreOf(last, feature).score < quietLimit),
      'a quiet feature moved in 2001',
    );
    const run = await nextRun(story, names.pipeline, [story.fact('firstRun')], 120_000);
    const { items: triggers } = await story.training.get<{ items: Trigger[] }>(`/v1/triggers?pipeline=${names.pipeline}&limit=200`);
    const held = triggers.filter((trigger) => trigger.outcome === 'hold' && trigger.cause === 'drift-detected');
    hold(
      triggers.some((trigger) => trigger.outcome === 'run' && trigger.cause === 'drift-detected'),
      'the run was not triggered by drift',
    );
    hold(
      held.some((trigger) => trigger.reasons.some((reason) => reason.includes('labelled'))),
      'no drift was held for lack of labelled rows',
    );
    const metrics = run.metrics ?? run.result?.metrics ?? {};
    const champion = run.result?.champion?.metrics ?? {};
    hold(metrics['auc']! > champion['auc']!, `the new version scores ${metrics['auc']}, the champion ${champion['auc']} on the same rows`);
    const newVersion = await versionOf(story, run.runId);
    story.facts.set('secondRun', run.runId);
    story.facts.set('secondVersion', String(newVersion));
    const psi = (feature: string) =>
      `${feature} ${scoreOf(first, feature).score.toFixed(2)} (1995) to ${scoreOf(last, feature).score.toFixed(2)} (2001)`;
    return `${count(claims.length)} claims of 1999-2001; PSI of ${psi('operator')}, ${psi('aircraft')}; drift held ${held.length} times, then run: AUC ${champion['auc']!.toFixed(3)} of the champion, ${metrics['auc']!.toFixed(3)} of version ${newVersion} on the same later rows`;
  },
};
