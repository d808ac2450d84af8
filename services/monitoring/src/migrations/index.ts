import { IdempotencyTable } from '@bascule/database';
import { OutboxTables } from '@bascule/outbox';
import { CreatePredictions } from './1767225600101-create-predictions.js';
import { CreateGroundTruth } from './1767225600102-create-ground-truth.js';
import { CreateVerdicts } from './1767225600103-create-verdicts.js';
import { AddProductionSince } from './1767225600104-add-production-since.js';
import { CreateUnstorableRows } from './1767225600105-create-unstorable-rows.js';
import { AddLabelSelection } from './1767225600107-add-label-selection.js';
import { AddCaptureAccounts } from './1767225600108-add-capture-accounts.js';
import { AddFeedbackReporter } from './1767225600109-add-feedback-reporter.js';
import { AddRolloutJudgement } from './1767225600120-add-rollout-judgement.js';
import { AddRolloutFindings } from './1767225600122-add-rollout-findings.js';
import { AddLabelLateness } from './1767225600123-add-label-lateness.js';
import { AddWaitingBlocks } from './1767225600124-add-waiting-blocks.js';
import { CreateDatasetProfiles } from './1767225600130-create-dataset-profiles.js';

/** In the order they are applied; a released one never changes. */
export const migrations = [
  OutboxTables,
  IdempotencyTable,
  CreatePredictions,
  CreateGroundTruth,
  CreateVerdicts,
  AddProductionSince,
  CreateUnstorableRows,
  AddLabelSelection,
  AddCaptureAccounts,
  AddFeedbackReporter,
  AddRolloutJudgement,
  AddRolloutFindings,
  AddLabelLateness,
  AddWaitingBlocks,
  CreateDatasetProfiles,
];
