import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { LineageController } from './lineage.controller.js';
import { LineageService } from './lineage.service.js';

@Module({ imports: [AuditModule], controllers: [LineageController], providers: [LineageService] })
export class LineageModule {}
