import { Module } from '@nestjs/common';
import { BatchesModule } from '../batches/batches.module.js';
import { RepairsController } from './repairs.controller.js';

@Module({ imports: [BatchesModule], controllers: [RepairsController] })
export class RepairsModule {}
