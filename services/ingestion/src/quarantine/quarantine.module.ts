import { Module } from '@nestjs/common';
import { BatchesModule } from '../batches/batches.module.js';
import { QuarantineController } from './quarantine.controller.js';
import { QuarantineService } from './quarantine.service.js';

@Module({ imports: [BatchesModule], controllers: [QuarantineController], providers: [QuarantineService], exports: [QuarantineService] })
export class QuarantineModule {}
