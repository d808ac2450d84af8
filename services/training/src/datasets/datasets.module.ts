import { Module } from '@nestjs/common';
import { DatasetsService } from './datasets.service.js';

@Module({ providers: [DatasetsService], exports: [DatasetsService] })
export class DatasetsModule {}
