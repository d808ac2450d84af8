import { Module } from '@nestjs/common';
import { BatchValidatedConsumer } from './batch-validated.consumer.js';
import { DataVerdictsService } from './data-verdicts.service.js';
import { DatasetPublishedConsumer } from './dataset-published.consumer.js';

@Module({ providers: [DataVerdictsService, BatchValidatedConsumer, DatasetPublishedConsumer], exports: [DataVerdictsService] })
export class DataVerdictsModule {}
