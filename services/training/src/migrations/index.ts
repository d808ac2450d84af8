import { IdempotencyTable } from '@bascule/database';
import { OutboxTables } from '@bascule/outbox';
import { CreatePipelines } from './1767225600101-create-pipelines.js';
import { CreateRuns } from './1767225600102-create-runs.js';
import { CreateTriggers } from './1767225600103-create-triggers.js';
import { AddSchedules } from './1767225600104-add-schedules.js';
import { AddBrakes } from './1767225600105-add-brakes.js';
import { AddResources } from './1767225600106-add-resources.js';
import { CreateRunEvents } from './1767225600107-create-run-events.js';
import { AddPipelineVersions } from './1767225600108-add-pipeline-versions.js';
import { AddStepsAndSearch } from './1767225600109-add-steps-and-search.js';
import { AddExperiments } from './1767225600111-add-experiments.js';
import { AddEvaluation } from './1767225600112-add-evaluation.js';
import { AddVersionOutputs } from './1767225600113-add-version-outputs.js';
import { AddTrialDirection } from './1767225600114-add-trial-direction.js';
import { NarrowRuns } from './1767225600115-narrow-runs.js';
import { KeepProfiles } from './1767225600116-keep-profiles.js';

/** In the order they are applied; a released one never changes. */
export const migrations = [
  OutboxTables,
  IdempotencyTable,
  CreatePipelines,
  CreateRuns,
  CreateTriggers,
  AddSchedules,
  AddBrakes,
  AddResources,
  CreateRunEvents,
  AddPipelineVersions,
  AddStepsAndSearch,
  AddExperiments,
  AddEvaluation,
  AddVersionOutputs,
  AddTrialDirection,
  NarrowRuns,
  KeepProfiles,
];
