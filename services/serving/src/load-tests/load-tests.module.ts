import { Module } from '@nestjs/common';
import { BatchPiecesModule } from '../batch-pieces/batch-pieces.module.js';
import { PublishingModule } from '../publishing/publishing.module.js';
import { LoadTestRequestedConsumer } from './load-test-requested.consumer.js';
import { LoadTests } from './load-tests.service.js';

/** Load tests at a gateway. */
@Module({ imports: [BatchPiecesModule, PublishingModule], providers: [LoadTests, LoadTestRequestedConsumer] })
export class LoadTestsModule {}
