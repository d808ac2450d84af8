import { Module } from '@nestjs/common';
import { AnyEventConsumer } from './any-event.consumer.js';
import { AuditController } from './audit.controller.js';
import { AuditIndexService } from './audit-index.service.js';
import { AuditLogService } from './audit-log.service.js';
import { FeedbackIndexService } from './feedback-index.service.js';

@Module({
  controllers: [AuditController],
  providers: [AuditLogService, AuditIndexService, FeedbackIndexService, AnyEventConsumer],
  exports: [AuditLogService, AuditIndexService, FeedbackIndexService],
})
export class AuditModule {}
