import { Injectable } from '@nestjs/common';
import type { StoredEntry } from './audit.queries.js';
import { AuditIndexService } from './audit-index.service.js';
import { AuditLogService } from './audit-log.service.js';
import { isAboutModel } from './feedback-model.js';

const pageSize = 500;
const mostPages = 20;

/** Finds what clients reported about predictions; a submission for one model says nothing about predictions of another. */
@Injectable()
export class FeedbackIndexService {
  constructor(
    private readonly index: AuditIndexService,
    private readonly auditLog: AuditLogService,
  ) {}

  /** Entries that mention any of the references and were submitted for one of the models, oldest first. */
  async entriesAbout(references: readonly string[], modelNames: readonly string[], limit: number): Promise<number[]> {
    const found: number[] = [];
    let after = -1;
    // page by page: submissions for other models must not push out those that count
    for (let page = 0; page < mostPages && found.length < limit; page++) {
      const indexes = await this.index.entriesOf(references, ['mentions'], pageSize, undefined, after);
      const entries: StoredEntry[] = await this.auditLog.entries(indexes);
      found.push(...entries.filter((entry) => modelNames.some((name) => isAboutModel(entry, name))).map(({ index }) => index));
      if (indexes.length < pageSize) break;
      after = indexes.at(-1)!;
    }
    return found.slice(0, limit);
  }
}
