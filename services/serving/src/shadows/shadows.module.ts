import { Module } from '@nestjs/common';
import { CaptureModule } from '../capture/capture.module.js';
import { ShadowCopies } from './shadow-copies.service.js';

@Module({ imports: [CaptureModule], providers: [ShadowCopies], exports: [ShadowCopies] })
export class ShadowsModule {}
