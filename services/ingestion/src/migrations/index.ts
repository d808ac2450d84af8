import { IdempotencyTable } from '@bascule/database';
import { OutboxTables } from '@bascule/outbox';
import { CreateBatchProfiles } from './create-batch-profiles.migration.js';
import { CreateBatches } from './create-batches.migration.js';
import { CreateContracts } from './create-contracts.migration.js';
import { CreateDatasets } from './create-datasets.migration.js';
import { CreateFeedback } from './create-feedback.migration.js';
import { CreateNearTexts } from './create-near-texts.migration.js';
import { CreatePartSketches } from './create-part-sketches.migration.js';
import { CreatePushes } from './create-pushes.migration.js';
import { CreateSourceTroubles } from './create-source-troubles.migration.js';
import { CreateSources } from './create-sources.migration.js';
import { CreateUnusedObjects } from './create-unused-objects.migration.js';
import { CreateUploads } from './create-uploads.migration.js';
import { CreateValidationStarts } from './create-validation-starts.migration.js';
import { IndexBatchDigests } from './index-batch-digests.migration.js';
import { LinkResubmittedBatches } from './link-resubmitted-batches.migration.js';
import { MarkCorrections } from './mark-corrections.migration.js';
import { PlaceValidationDeaths } from './place-validation-deaths.migration.js';
import { SettleQuarantine } from './settle-quarantine.migration.js';
import { VersionDatasets } from './version-datasets.migration.js';
import { WidenBatches } from './widen-batches.migration.js';

/** In the order in which they are applied. */
export const migrations = [
  OutboxTables,
  IdempotencyTable,
  CreateContracts,
  CreateDatasets,
  CreateBatches,
  CreateFeedback,
  CreateValidationStarts,
  WidenBatches,
  CreateUploads,
  CreatePushes,
  CreateSources,
  SettleQuarantine,
  CreateBatchProfiles,
  VersionDatasets,
  CreatePartSketches,
  MarkCorrections,
  CreateNearTexts,
  CreateSourceTroubles,
  IndexBatchDigests,
  CreateUnusedObjects,
  PlaceValidationDeaths,
  LinkResubmittedBatches,
];
