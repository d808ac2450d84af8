import { Roles } from '@bascule/access';
import { ApiBearerAuth, ApiTags, decodeCursor, type Page, pageOf } from '@bascule/platform';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { entryNotFound } from '../errors.js';
import type { StoredEntry } from './audit.queries.js';
import {
  type ConsistencyQuery,
  consistencyQuery,
  type EntriesQuery,
  entriesQuery,
  entryCursor,
  entryIndex,
  type InclusionQuery,
  inclusionQuery,
} from './audit.schema.js';
import { AuditLogService } from './audit-log.service.js';
import { disclosedPayload } from './disclosed-payload.js';

const hex = (hashes: readonly Buffer[]) => hashes.map((hash) => hash.toString('hex'));

function summaryOf(entry: StoredEntry) {
  const { index, eventId, type, subject, time, recordedAt, causationId, correlationId, stream, streamSequence } = entry;
  return {
    index,
    eventId,
    type,
    subject,
    time,
    recordedAt,
    causationId,
    correlationId,
    stream,
    streamSequence,
    leafHash: entry.leafHash.toString('hex'),
  };
}

@ApiTags('audit')
@ApiBearerAuth()
@Roles('auditor', 'operator', 'approver', 'admin')
@Controller('v1/audit')
export class AuditController {
  constructor(private readonly auditLog: AuditLogService) {}

  /** Lists entries of the log, newest first. */
  @Get('entries')
  async listEntries(@Query({ schema: entriesQuery }) query: EntriesQuery): Promise<Page<ReturnType<typeof summaryOf>>> {
    const below = query.cursor === undefined ? undefined : decodeCursor(query.cursor, entryCursor);
    const rows = await this.auditLog.list({ subject: query.subject, type: query.type, below }, query.limit + 1);
    return pageOf(rows.map(summaryOf), query.limit, ({ index }) => index);
  }

  /** One entry with its payload, salt and the facts its leaf is made of. */
  @Get('entries/:index')
  async getEntry(@Param('index', { schema: entryIndex }) index: number) {
    const [entry] = await this.auditLog.entries([index]);
    if (!entry) throw entryNotFound({ index });
    return {
      ...summaryOf(entry),
      facts: JSON.parse(entry.facts) as unknown,
      payload: disclosedPayload(entry.type, entry.payload),
      salt: entry.salt?.toString('hex') ?? null,
      isErased: entry.payload === null,
    };
  }

  /** Proof that an entry is in the log of a size; the size now when none is given. */
  @Get('proofs/inclusion')
  async proveInclusion(@Query({ schema: inclusionQuery }) { index, size }: InclusionQuery) {
    const treeSize = size ?? (await this.auditLog.size());
    const [proof] = await this.auditLog.inclusionProofs([index], treeSize);
    const [entry] = await this.auditLog.entries([index]);
    const root = await this.auditLog.rootAt(treeSize);
    return { index, size: treeSize, leafHash: entry!.leafHash.toString('hex'), root: root.toString('hex'), proof: hex(proof!) };
  }

  /** Proof that the log of one size is the beginning of the log of another. */
  @Get('proofs/consistency')
  async proveConsistency(@Query({ schema: consistencyQuery }) { from, to }: ConsistencyQuery) {
    const toSize = to ?? (await this.auditLog.size());
    const proof = await this.auditLog.consistencyProof(from, toSize);
    const [fromRoot, toRoot] = [await this.auditLog.rootAt(from), await this.auditLog.rootAt(toSize)];
    return { from, to: toSize, fromRoot: fromRoot.toString('hex'), toRoot: toRoot.toString('hex'), proof: hex(proof) };
  }
}
