import { Module } from '@nestjs/common';
import { DatasetsController } from './datasets.controller.js';
import { DatasetsService } from './datasets.service.js';
import { ObjectHolds } from './object-holds.service.js';

@Module({ controllers: [DatasetsController], providers: [DatasetsService, ObjectHolds], exports: [DatasetsService, ObjectHolds] })
export class DatasetsModule {}
