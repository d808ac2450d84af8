import { claimsBetween } from '../claims.js';
import { dates, settlementDays } from '../story.js';
import { driftReports, scoreOf, yearReport } from './drift-reports.js';
import { count, hold, type Step } from './step.js';

export const quietFeatures = ['phase_of_flight', 'time_of_day', 'wildlife_size'] as const;
export const quietLimit = 0.06;

export const replayQuiet: Step = {
  name: 'replay',
  title: 'Later years arrive as client traffic; what did not move stays quiet',
  async run(story) {
    const claims = claimsBetween(story.claims, ...dates.quietYears);
    const before = story.serving.counts.failures;
    const triages = await story.claimsSystem.triageAll(claims, { settlementDays });
    hold(triages.length === claims.length && story.serving.counts.failures === before, 'a client request failed');
    hold(
      triages.every((triage) => triage.probability >= 0 && triage.probability <= 1),
      'an answer is not a probability',
    );
    const version = story.fact('firstVersion');
    const scores: number[] = [];
    for (const year of [1995, 1996, 1997]) {
      const report = await yearReport(story, version, year);
      for (const feature of quietFeatures) scores.push(scoreOf(report, feature).score);
    }
    const worst = Math.max(...scores);
    hold(worst < quietLimit, `a quiet feature reached a PSI of ${worst.toFixed(3)}`);
    const months = await driftReports(story, version, 'month');
    const noise = months.flatMap((report) =>
      report.features.filter((item) => (quietFeatures as readonly string[]).includes(item.feature) && item.verdict === 'drifted'),
    );
    hold(noise.length === 0, `small windows raised ${noise.length} alarms on quiet features: ${noise[0]?.reasons.join('; ')}`);
    return `${count(claims.length)} claims of 1995-1998 triaged, none failed; highest yearly PSI of the quiet features ${worst.toFixed(3)}; ${months.length} monthly windows raised no noise`;
  },
};
