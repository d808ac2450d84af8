import { ConsumeAll, type RawMessage } from '@bascule/messaging';
import { Injectable } from '@nestjs/common';
import { AuditLogService } from './audit-log.service.js';

/** Puts every message of every stream into the log, readable or not. */
@Injectable()
export class AnyEventConsumer {
  constructor(private readonly auditLog: AuditLogService) {}

  @ConsumeAll()
  async appendToLog(message: RawMessage): Promise<void> {
    await this.auditLog.append(message);
  }
}
