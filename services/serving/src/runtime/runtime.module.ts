import { Module } from '@nestjs/common';
import { ModelHostService } from './model-host.service.js';
import { ModelsService } from './models.service.js';

@Module({ providers: [ModelHostService, ModelsService], exports: [ModelsService] })
export class RuntimeModule {}
