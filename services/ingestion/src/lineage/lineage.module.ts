import { Module } from '@nestjs/common';
import { BatchesModule } from '../batches/batches.module.js';
import { ContractsModule } from '../contracts/contracts.module.js';
import { DatasetsModule } from '../datasets/datasets.module.js';
import { LineageController } from './lineage.controller.js';

@Module({ imports: [BatchesModule, ContractsModule, DatasetsModule], controllers: [LineageController] })
export class LineageModule {}
