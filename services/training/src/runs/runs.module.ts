import { Module } from '@nestjs/common';
import { RunUsageService } from './run-usage.service.js';
import { RunsController } from './runs.controller.js';
import { RunsService } from './runs.service.js';

@Module({ controllers: [RunsController], providers: [RunsService, RunUsageService], exports: [RunsService, RunUsageService] })
export class RunsModule {}
