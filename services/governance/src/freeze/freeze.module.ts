import { Module } from '@nestjs/common';
import { FreezeController } from './freeze.controller.js';
import { FreezeService } from './freeze.service.js';
import { FreezeProjectionJob } from './freeze-projection.job.js';

@Module({ controllers: [FreezeController], providers: [FreezeService, FreezeProjectionJob] })
export class FreezeModule {}
