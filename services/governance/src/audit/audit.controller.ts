import { Credential, modelNotAllowed, Roles } from '@bascule/access';
import { ApiBearerAuth, ApiOperation, ApiTags, decodeCursor, encodeCursor, type Page, Problems, pageOf } from '@bascule/platform';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { entryNotFound, sizeOutOfRange } from '../errors.js';
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
import { mayRead, requireEntry } from './readable-entry.js';

/** Reads of the log per page, for a key that may see little of it. */
const mostReads = 10;

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

  @Get('entries')
  @ApiOperation({ summary: 'Lists entries of the log, newest first; a page may be short when the key may see few of them' })
  async listEntries(
    @Query({ schema: entriesQuery }) { subject, type, limit, cursor }: EntriesQuery,
    @Credential() credential: Credential,
  ): Promise<Page<ReturnType<typeof summaryOf>>> {
    let below = cursor === undefined ? undefined : decodeCursor(cursor, entryCursor);
    const seen: StoredEntry[] = [];
    let hasMore = true;
    for (let reads = 0; reads < mostReads && hasMore && seen.length <= limit; reads++) {
      const rows = await this.auditLog.list({ subject, type, below }, limit + 1);
      seen.push(...rows.filter((entry) => mayRead(credential, entry)));
      hasMore = rows.length > limit;
      below = rows.at(-1)?.index;
    }
    const page = pageOf(seen.map(summaryOf), limit, ({ index }) => index);
    return hasMore && page.nextCursor === null ? { ...page, nextCursor: encodeCursor(below) } : page;
  }

  @Get('entries/:index')
  @ApiOperation({ summary: 'One entry with its payload, salt and the facts its leaf is made of' })
  @Problems(modelNotAllowed, entryNotFound)
  async getEntry(@Param('index', { schema: entryIndex }) index: number, @Credential() credential: Credential) {
    const [entry] = await this.auditLog.entries([index]);
    if (!entry) throw entryNotFound({ index });
    requireEntry(credential, entry);
    return {
      ...summaryOf(entry),
      facts: JSON.parse(entry.facts) as unknown,
      payload: disclosedPayload(entry.type, entry.payload),
      salt: entry.salt?.toString('hex') ?? null,
      isErased: entry.payload === null,
    };
  }

  @Get('proofs/inclusion')
  @ApiOperation({ summary: 'Proof that an entry is in the log of a size; the size now when none is given' })
  @Problems(entryNotFound, sizeOutOfRange)
  async proveInclusion(@Query({ schema: inclusionQuery }) { index, size }: InclusionQuery) {
    const treeSize = size ?? (await this.auditLog.size());
    const [proof] = await this.auditLog.inclusionProofs([index], treeSize);
    const [entry] = await this.auditLog.entries([index]);
    const root = await this.auditLog.rootAt(treeSize);
    return { index, size: treeSize, leafHash: entry!.leafHash.toString('hex'), root: root.toString('hex'), proof: hex(proof!) };
  }

  @Get('proofs/consistency')
  @ApiOperation({ summary: 'Proof that the log of one size is the beginning of the log of another' })
  @Problems(sizeOutOfRange)
  async proveConsistency(@Query({ schema: consistencyQuery }) { from, to }: ConsistencyQuery) {
    const toSize = to ?? (await this.auditLog.size());
    const proof = await this.auditLog.consistencyProof(from, toSize);
    const [fromRoot, toRoot] = [await this.auditLog.rootAt(from), await this.auditLog.rootAt(toSize)];
    return { from, to: toSize, fromRoot: fromRoot.toString('hex'), toRoot: toRoot.toString('hex'), proof: hex(proof) };
  }
}
