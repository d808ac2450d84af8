import { claimsBetween, toCsv } from '../claims.js';
import { ProblemError } from '../client.js';
import { names } from '../story.js';
import { driveRollout } from './canary-traffic.js';
import { pipeline, sendBatch } from './ingest.js';
import { approve, lastReasons, requestPromotion, waitForChampion } from './promotion.js';
import { count, hold, type Step } from './step.js';
import { nextRun, versionOf } from './train.js';

/** The fault: an export that swaps the codes of damaged and undamaged claims. */
function swapDamage(cell: string, column: string): string {
  if (column !== 'Effect Amount of damage') return cell;
  return cell === 'None' ? 'Substantial' : 'None';
}

export const badVersion: Step = {
  name: 'bad-version',
  title: 'A broken version is forced past its gates and rolls itself back',
  async run(story) {
    await story.training.post('/v1/pipelines', pipeline(names.mislabelledPipeline, names.mislabelledDataset, names.dataset));
    await story.ingestion.post('/v1/contracts', story.contract(names.mislabelledDataset));
    const csv = toCsv(story.header, claimsBetween(story.claims, '1995-01-01', '2000-01-01'), swapDamage);
    await sendBatch(story.ingestion, names.mislabelledDataset, names.mislabelledDataset, csv);
    const run = await nextRun(story, names.mislabelledPipeline, [], 90_000);
    const version = await versionOf(story, run.runId);
    const refused = await requestPromotion(story, version).then(
      () => 'accepted',
      (error) =>
        error instanceof ProblemError && error.status === 422 ? String(error.problem['detail'] ?? error.message) : Promise.reject(error),
    );
    hold(refused !== 'accepted', 'the gates let a broken version pass');
    const promotion = await requestPromotion(story, version, { reason: 'Deadline: the export team says the new codes are right.' });
    await approve(story, promotion.promotionId, 'Accepted on the word of the export team.');
    const traffic = await driveRollout(story, promotion.promotionId);
    hold(traffic.rollout.status === 'rolled-back', `the rollout of the broken version ended ${traffic.rollout.status}`);
    await waitForChampion(story, Number(story.fact('secondVersion')));
    story.facts.set('badPromotion', promotion.promotionId);
    return `version ${version} stopped by its gates, forced by an override, judged bad and rolled back: ${lastReasons(traffic.rollout)}; ${count(traffic.requests)} requests, none failed`;
  },
};
