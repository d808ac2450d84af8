import { Module } from '@nestjs/common';
import { BatchesModule } from '../batches/batches.module.js';
import { ContractsModule } from '../contracts/contracts.module.js';
import { RepairsController } from './repairs.controller.js';

@Module({ imports: [BatchesModule, ContractsModule], controllers: [RepairsController] })
export class RepairsModule {}
