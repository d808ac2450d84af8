import { AccessModule } from '@bascule/access';
import { DatabaseModule, IdempotencyModule } from '@bascule/database';
import { MessagingModule } from '@bascule/messaging';
import { OutboxModule } from '@bascule/outbox';
import { PlatformModule } from '@bascule/platform';
import { type DynamicModule, Module } from '@nestjs/common';
import { AccessKey } from './access/access-key.entity.js';
import { KeysModule } from './access/keys.module.js';
import { Approval } from './approvals/approval.entity.js';
import { ApprovalVote } from './approvals/approval-vote.entity.js';
import { ApprovalsModule } from './approvals/approvals.module.js';
import { AuditModule } from './audit/audit.module.js';
import { CheckpointsModule } from './checkpoints/checkpoints.module.js';
import type { Config } from './config.js';
import { EvidenceModule } from './evidence/evidence.module.js';
import { FreezeModule } from './freeze/freeze.module.js';
import { FreezeSwitchRow } from './freeze/freeze-switch.entity.js';
import { LineageModule } from './lineage/lineage.module.js';
import { migrations } from './migrations/index.js';
import { WhyModule } from './why/why.module.js';

@Module({})
export class AppModule {}

const service = 'governance';

/** Governance as one module: access, approvals, the freeze switch and the audit log with what is read from it. */
export function appModule(config: Config): DynamicModule {
  const entities = [AccessKey, Approval, ApprovalVote, FreezeSwitchRow];
  return {
    module: AppModule,
    imports: [
      PlatformModule.forRoot({ service, config }),
      DatabaseModule.forRoot({ service, url: config.DATABASE_URL, entities, migrations }),
      MessagingModule.forRoot({ service, natsUrl: config.NATS_URL }),
      OutboxModule.forRoot(),
      IdempotencyModule,
      AccessModule.forRoot(),
      KeysModule,
      ApprovalsModule,
      FreezeModule,
      AuditModule,
      CheckpointsModule,
      EvidenceModule,
      WhyModule,
      LineageModule,
    ],
  };
}
