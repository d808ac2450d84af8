import type { DecisionRecorded, GroundTruthReceived } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Metrics } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import { storableText } from '../predictions/storable.js';
import { insertDecisions } from './decisions.queries.js';
import { applyLabels, insertTruths, predictionsOfTruths } from './labels.queries.js';

/** Longer than a transaction lives that stores predictions or truths. */
const overlapSeconds = 120;
/** How far back the first sweep looks: whoever evaluated before may have stalled before it ended. */
const firstSweepSeconds = 3600;

@Injectable()
export class LabelsService {
  private readonly joined;
  /** When the last sweep began, by the clock of the database. */
  private sweptAt: Date | undefined;

  constructor(
    private readonly transactions: Transactions,
    metrics: Metrics,
  ) {
    this.joined = metrics.counter('bascule_labels_joined_total', 'Labels joined with their predictions, corrections included');
  }

  /** Keeps the truths of a submission and joins those whose predictions are there; the others wait. */
  async record({ submissionId, modelName, keyId, reportedBy, items }: GroundTruthReceived['data']): Promise<void> {
    await this.transactions.run(async (manager) => {
      const truths = items.map((item, i) => ({
        ...item,
        submissionId,
        modelName,
        keyId: storableText(keyId),
        reportedBy: reportedBy === undefined ? null : storableText(reportedBy),
        item: i,
        predictionId: item.predictionId ?? null,
        clientRecordId: item.clientRecordId === undefined ? null : storableText(item.clientRecordId),
        source: storableText(item.source),
        selection: item.selection ?? 'unknown',
        selectionNote: item.selectionNote === undefined ? null : storableText(item.selectionNote),
      }));
      await insertTruths(manager, truths);
      const predictionIds = await predictionsOfTruths(manager, 'submission_id = $1', [submissionId]);
      this.joined.add(await applyLabels(manager, predictionIds));
    });
  }

  /** Joins truths that waited for these predictions. */
  async joinPredictions(predictionIds: readonly string[]): Promise<void> {
    if (predictionIds.length > 0) this.joined.add(await applyLabels(this.transactions.manager, predictionIds));
  }

  /** Joins truths and predictions that were stored at the same moment and could not see each other, since the last sweep. */
  async sweep(): Promise<void> {
    this.sweptAt = await this.transactions.run(async (manager) => {
      const [{ now }] = (await manager.query('select now() as now')) as [{ now: Date }];
      const back = this.sweptAt ? overlapSeconds : firstSweepSeconds;
      const isRecent = `received_at > $1::timestamptz - interval '${back} seconds'`;
      const isUnused = 'not exists (select 1 from labels where labels.truth_id = truths.truth_id)';
      const recent = await predictionsOfTruths(manager, `${isRecent} and ${isUnused}`, [this.sweptAt ?? now]);
      if (recent.length > 0) this.joined.add(await applyLabels(manager, recent));
      return now;
    });
  }

  async recordDecisions(submission: DecisionRecorded['data']): Promise<void> {
    await insertDecisions(this.transactions.manager, submission);
  }
}
