import { setTimeout as pause } from 'node:timers/promises';
import { claimsBetween } from '../claims.js';
import { dates, type Story } from '../story.js';
import { waitFor } from '../wait-for.js';
import { findRollout, type Rollout } from './promotion.js';
import { hold } from './step.js';

const claimsPerWave = 60;
const promptSettlementDays = 0;
/** Between two waves, so that a verdict can come before the next. */
const breathMs = 300;
const ends = ['completed', 'rolled-back', 'aborted'];

/** What the clients saw while a rollout was under way. */
export interface CanaryTraffic {
  readonly rollout: Rollout;
  readonly requests: number;
  readonly failures: number;
  /** Shares seen, in order. */
  readonly percents: readonly number[];
  readonly byVersion: Record<string, number>;
}

/** Keeps sending the open claims of 2002, settled at once, until the rollout of the promotion ends. */
export async function driveRollout(story: Story, promotionId: string, waves = 40): Promise<CanaryTraffic> {
  const claims = claimsBetween(story.claims, ...dates.canary);
  const failuresBefore = story.serving.counts.failures;
  const percents: number[] = [];
  const byVersion: Record<string, number> = {};
  let requests = 0;
  let rollout = await waitFor('the rollout to take traffic', async () => {
    const found = await findRollout(story, promotionId);
    return found && found.status !== 'loading' ? found : undefined;
  });
  for (let wave = 0; wave < waves && !ends.includes(rollout.status); wave++) {
    if (percents.at(-1) !== rollout.percent) percents.push(rollout.percent);
    const start = (wave * claimsPerWave) % claims.length;
    const slice = claims.slice(start, start + claimsPerWave);
    for (const triage of await story.claimsSystem.triageAll(slice, { settlementDays: promptSettlementDays })) {
      byVersion[triage.modelVersion] = (byVersion[triage.modelVersion] ?? 0) + 1;
      requests++;
    }
    await story.claimsSystem.settleAll(promptSettlementDays);
    await pause(breathMs);
    rollout = (await findRollout(story, promotionId)) ?? rollout;
  }
  if (!ends.includes(rollout.status)) {
    rollout = await waitFor('the rollout to end', async () => {
      const found = await findRollout(story, promotionId);
      return found && ends.includes(found.status) ? found : undefined;
    });
  }
  const failures = story.serving.counts.failures - failuresBefore;
  hold(failures === 0, `${failures} client requests failed during the rollout`);
  return { rollout, requests, failures, percents, byVersion };
}
