import { Module } from '@nestjs/common';
import { BrokenFeaturesService } from './broken-features.service.js';

@Module({ providers: [BrokenFeaturesService], exports: [BrokenFeaturesService] })
export class BrokenFeaturesModule {}
