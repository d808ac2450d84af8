import { Module } from '@nestjs/common';
import { AliasesController } from './aliases.controller.js';
import { AliasesService } from './aliases.service.js';

@Module({ controllers: [AliasesController], providers: [AliasesService], exports: [AliasesService] })
export class AliasesModule {}
