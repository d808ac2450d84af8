import { AliasEntity } from './aliases/alias.entity.js';
import { AliasMoveEntity } from './aliases/alias-move.entity.js';
import { ArtifactEntity } from './artifacts/artifact.entity.js';
import { EvidenceEntity } from './evidence/evidence.entity.js';
import { LoadTestEntity } from './gateway-load-tests/load-test.entity.js';
import { ModelEntity } from './models/model.entity.js';
import { PolicyEntity } from './policies/policy.entity.js';
import { PromotionEntity } from './promotion/promotion.entity.js';
import { ProvenanceKeyEntity } from './provenance-keys/provenance-key.entity.js';
import { SigningKeyEntity } from './signing/signing-key.entity.js';
import { VersionSignatureEntity } from './signing/version-signature.entity.js';
import { ArtifactUploadEntity } from './uploads/artifact-upload.entity.js';
import { VersionEntity } from './versions/version.entity.js';
import { DeliveryEntity } from './webhooks/delivery.entity.js';
import { WebhookEntity } from './webhooks/webhook.entity.js';

export const entities = [
  ModelEntity,
  VersionEntity,
  AliasEntity,
  AliasMoveEntity,
  PromotionEntity,
  ArtifactEntity,
  SigningKeyEntity,
  ProvenanceKeyEntity,
  VersionSignatureEntity,
  ArtifactUploadEntity,
  PolicyEntity,
  EvidenceEntity,
  LoadTestEntity,
  WebhookEntity,
  DeliveryEntity,
];
