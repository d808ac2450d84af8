import { IdempotencyTable, type MigrationClass } from '@bascule/database';
import { OutboxTables } from '@bascule/outbox';
import { CreateEndpointsAndRollouts } from './1767225600010-create-endpoints-and-rollouts.js';
import { AddRolloutCause } from './1767225600011-add-rollout-cause.js';
import { AddCaptureAndShadow } from './1767225600020-add-capture-and-shadow.js';
import { CreateBatchJobs } from './1767225600030-create-batch-jobs.js';
import { AddRolloutSignature } from './1767225600031-add-rollout-signature.js';
import { AddRolloutStrategies } from './1767225600040-add-rollout-strategies.js';
import { AddBatchFindings } from './1767225600041-add-batch-findings.js';

/** Every migration of the schema, in order. */
export const migrations: readonly MigrationClass[] = [
  OutboxTables,
  IdempotencyTable,
  CreateEndpointsAndRollouts,
  AddRolloutCause,
  AddCaptureAndShadow,
  CreateBatchJobs,
  AddRolloutSignature,
  AddRolloutStrategies,
  AddBatchFindings,
];
