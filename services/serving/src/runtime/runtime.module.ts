import { Module } from '@nestjs/common';
import { InlineModels } from './inline-models.service.js';
import { ModelHostService } from './model-host.service.js';
import { ModelsService } from './models.service.js';

@Module({ providers: [ModelHostService, InlineModels, ModelsService], exports: [ModelsService] })
export class RuntimeModule {}
