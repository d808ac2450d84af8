import { setTimeout as pause } from 'node:timers/promises';
import { claimsBetween } from '../claims.js';
import { dates, type Story } from '../story.js';
import { waitFor } from '../wait-for.js';
import { findRollout, lastReasons, type Rollout } from './promotion.js';
import { hold } from './step.js';

const claimsPerWave = 60;
const promptSettlementDays = 0;
/** Between two waves, so that a verdict can come before the next. */
const breathMs = 300;
const hurriedWaves = 25;
const longBreathMs = 2_000;
const patienceMs = 180_000;
const ends = ['completed', 'rolled-back', 'aborted'];

/** What the clients saw while a rollout was under way. */
export interface CanaryTraffic {
  readonly rollout: Rollout;
  readonly requests: number;
  readonly failures: number;
  readonly byVersion: Record<string, number>;
}

/** Keeps sending the open claims of 2002, settled at once, until the rollout of the promotion ends: clients never stop. */
export async function driveRollout(story: Story, promotionId: string): Promise<CanaryTraffic> {
  const claims = claimsBetween(story.claims, ...dates.canary);
  const failuresBefore = story.serving.counts.failures;
  const byVersion: Record<string, number> = {};
  let requests = 0;
  let rollout = await waitFor('the rollout to take traffic', async () => {
    const found = await findRollout(story, promotionId);
    return found && found.status !== 'loading' ? found : undefined;
  });
  const giveUpAt = Date.now() + patienceMs;
  for (let wave = 0; !ends.includes(rollout.status); wave++) {
    hold(Date.now() < giveUpAt, `the rollout is at ${rollout.percent} % after ${requests} requests: ${lastReasons(rollout)}`);
    const start = (wave * claimsPerWave) % claims.length;
    // the same tenth of the claims again and again would be taken for ever more evidence
    const askedBy = `round ${Math.floor((wave * claimsPerWave) / claims.length)}`;
    for (const triage of await story.claimsSystem.triageAll(claims.slice(start, start + claimsPerWave), {
      settlementDays: promptSettlementDays,
      askedBy,
    })) {
      byVersion[triage.modelVersion] = (byVersion[triage.modelVersion] ?? 0) + 1;
      requests++;
    }
    await story.claimsSystem.settleAll(promptSettlementDays);
    // a verdict that is late, for example because monitoring is away, should not meet ever more traffic
    await pause(wave < hurriedWaves ? breathMs : longBreathMs);
    rollout = (await findRollout(story, promotionId)) ?? rollout;
  }
  const failures = story.serving.counts.failures - failuresBefore;
  hold(failures === 0, `${failures} client requests failed during the rollout`);
  return { rollout, requests, failures, byVersion };
}
