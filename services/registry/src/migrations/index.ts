import { IdempotencyTable } from '@bascule/database';
import { OutboxTables } from '@bascule/outbox';
import { CreateModelsAndVersions } from './1767225600101-create-models-and-versions.js';
import { CreateAliases } from './1767225600102-create-aliases.js';
import { CreatePromotions } from './1767225600103-create-promotions.js';
import { AddMetricsDeclaredBy } from './1767225600104-add-metrics-declared-by.js';
import { AddDetails } from './1767225600105-add-details.js';
import { AddAdmission } from './1767225600106-add-admission.js';
import { CreateSignatures } from './1767225600107-create-signatures.js';
import { CreateArtifactUploads } from './1767225600108-create-artifact-uploads.js';
import { CreatePolicies } from './1767225600109-create-policies.js';
import { AddEvidence } from './1767225600110-add-evidence.js';
import { AddDataAndConsumers } from './1767225600111-add-data-and-consumers.js';
import { AddWebhooks } from './1767225600112-add-webhooks.js';
import { AddProvenance } from './1767225600113-add-provenance.js';
import { AddDecisionsAndAvailability } from './1767225600114-add-decisions-and-availability.js';
import { SealWebhooks } from './1767225600115-seal-webhooks.js';
import { CreateProvenanceKeys } from './1767225600116-create-provenance-keys.js';
import { CreateLoadTests } from './1767225600117-create-load-tests.js';
import { KeepSharedArtifacts } from './1767225600118-keep-shared-artifacts.js';
import { MarkPromotions } from './1767225600119-mark-promotions.js';

export const migrations = [
  OutboxTables,
  IdempotencyTable,
  CreateModelsAndVersions,
  CreateAliases,
  CreatePromotions,
  AddMetricsDeclaredBy,
  AddDetails,
  AddAdmission,
  CreateSignatures,
  CreateArtifactUploads,
  CreatePolicies,
  AddEvidence,
  AddDataAndConsumers,
  AddWebhooks,
  AddProvenance,
  AddDecisionsAndAvailability,
  SealWebhooks,
  CreateProvenanceKeys,
  CreateLoadTests,
  KeepSharedArtifacts,
  MarkPromotions,
];
