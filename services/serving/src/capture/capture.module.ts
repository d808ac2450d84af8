import { Module } from '@nestjs/common';
import { PublishingModule } from '../publishing/publishing.module.js';
import { BlockSender } from './block-sender.service.js';
import { CaptureJob } from './capture.job.js';
import { CaptureService } from './capture.service.js';
import { GatewaySigns } from './gateway-signs.service.js';
import { SigningKey } from './signing-key.service.js';
import { SpillStore } from './spill.store.js';
import { SpillReplay } from './spill-replay.service.js';

@Module({
  imports: [PublishingModule],
  providers: [SigningKey, GatewaySigns, SpillStore, BlockSender, SpillReplay, CaptureService, CaptureJob],
  exports: [CaptureService, SigningKey],
})
export class CaptureModule {}
