import { Module } from '@nestjs/common';
import { ArtifactsModule } from '../artifacts/artifacts.module.js';
import { RecordedEvidenceModule } from '../evidence/recorded-evidence.module.js';
import { SigningModule } from '../signing/signing.module.js';
import { VersionsModule } from '../versions/versions.module.js';
import { LoadTestFinishedConsumer } from './load-test-finished.consumer.js';
import { GatewayLoadTestsController } from './load-tests.controller.js';
import { GatewayLoadTestsService } from './load-tests.service.js';

@Module({
  imports: [ArtifactsModule, RecordedEvidenceModule, SigningModule, VersionsModule],
  controllers: [GatewayLoadTestsController],
  providers: [GatewayLoadTestsService, LoadTestFinishedConsumer],
})
export class GatewayLoadTestsModule {}
