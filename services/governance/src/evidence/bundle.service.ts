import { Clock } from '@bascule/platform';
import {
  type CompletenessStatement,
  type EntryFacts,
  type EvidenceBundle,
  type EvidenceEntry,
  type EvidenceRow,
  inclusionProof,
  rowLeaf,
  rowSalt,
  sealEvidence,
} from '@bascule/proofs';
import { Injectable } from '@nestjs/common';
import type { StoredEntry } from '../audit/audit.queries.js';
import { AuditLogService } from '../audit/audit-log.service.js';
import { disclosedPayload } from '../audit/disclosed-payload.js';
import { readBlock } from '../audit/prediction-rows.js';
import { CheckpointsService } from '../checkpoints/checkpoints.service.js';

/** What is to be put into a bundle. */
export interface BundleOrder {
  readonly question: Record<string, string>;
  readonly entries: readonly StoredEntry[];
  /** Rows to disclose, by index of their block's entry. */
  readonly rows: ReadonlyMap<number, readonly number[]>;
  readonly completeness: Omit<CompletenessStatement, 'treeSize'>;
}

const hex = (hashes: readonly Buffer[]) => hashes.map((hash) => hash.toString('hex'));

/** Binds entries into a bundle: payloads, salts, proofs against one signed checkpoint, and the seal. */
@Injectable()
export class BundleService {
  constructor(
    private readonly auditLog: AuditLogService,
    private readonly checkpoints: CheckpointsService,
    private readonly clock: Clock,
  ) {}

  async bind({ question, entries, rows, completeness }: BundleOrder): Promise<EvidenceBundle> {
    const indexes = entries.map(({ index }) => index);
    const { note, size } = await this.checkpoints.covering(Math.max(0, ...indexes) + 1);
    const proofs = await this.auditLog.inclusionProofs(indexes, size);
    return sealEvidence(
      {
        format: 'bascule.evidence/v1',
        question,
        createdAt: this.clock.now().toISOString(),
        checkpoint: note,
        entries: entries.map((entry, i) => evidenceOf(entry, hex(proofs[i]!), rows.get(entry.index) ?? [])),
        completeness: { treeSize: size, ...completeness },
      },
      this.checkpoints.signer,
    );
  }
}

function evidenceOf(entry: StoredEntry, proof: string[], rows: readonly number[]): EvidenceEntry {
  const facts = JSON.parse(entry.facts) as EntryFacts;
  const { index, type, payload, salt } = entry;
  if ('commitment' in facts.payload)
    return { index, facts, payload: disclosedPayload(type, payload), salt: salt?.toString('hex') ?? null, proof };
  return { index, facts, payload: null, salt: null, rows: disclosedRows(type, payload, salt, rows), proof };
}

function disclosedRows(type: string, payload: Buffer | null, salt: Buffer | null, rows: readonly number[]): EvidenceRow[] {
  if (payload === null || salt === null) return rows.map((row) => ({ row, payload: null, salt: null, proof: [] }));
  const all = readBlock(type, payload)?.rows ?? [];
  const leaves = all.map((row, i) => rowLeaf(row, rowSalt(salt, i)));
  return rows.map((row) => ({ row, payload: all[row], salt: rowSalt(salt, row).toString('hex'), proof: hex(inclusionProof(leaves, row)) }));
}
