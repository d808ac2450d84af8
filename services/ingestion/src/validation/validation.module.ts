import { Module } from '@nestjs/common';
import { BatchesModule } from '../batches/batches.module.js';
import { ContractsModule } from '../contracts/contracts.module.js';
import { DatasetsModule } from '../datasets/datasets.module.js';
import { PublicationModule } from '../publication/publication.module.js';
import { QuarantineModule } from '../quarantine/quarantine.module.js';
import { BatchProfiles } from './batch-profiles.queries.js';
import { BatchReceivedConsumer } from './batch-received.consumer.js';
import { KnownKeys } from './known-keys.queries.js';
import { NearHistory } from './near-history.service.js';
import { NearTexts } from './near-texts.queries.js';
import { ReferencesService } from './references.service.js';
import { SendersController } from './senders.controller.js';
import { SortingService } from './sorting.service.js';
import { ValidationService } from './validation.service.js';

@Module({
  controllers: [SendersController],
  imports: [BatchesModule, ContractsModule, DatasetsModule, PublicationModule, QuarantineModule],
  providers: [
    ValidationService,
    KnownKeys,
    SortingService,
    BatchProfiles,
    ReferencesService,
    NearHistory,
    NearTexts,
    BatchReceivedConsumer,
  ],
})
export class ValidationModule {}
