import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { WhyController } from './why.controller.js';
import { WhyService } from './why.service.js';

@Module({ imports: [AuditModule], controllers: [WhyController], providers: [WhyService] })
export class WhyModule {}
