import { checkpointSigned } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Outbox } from '@bascule/outbox';
import { Clock, CONFIG } from '@bascule/platform';
import { foldSubtrees, formatCheckpoint, type NoteSigner, signNote, verifierKeyOf } from '@bascule/proofs';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { AuditLogService } from '../audit/audit-log.service.js';
import type { Config } from '../config.js';
import { checkpointNotFound } from '../errors.js';
import { loadSigningKey } from './signing-key.store.js';

/** A signed head of the log. */
export interface SignedCheckpoint {
  readonly size: number;
  readonly rootHash: string;
  readonly note: string;
  readonly signedAt: Date;
}

const columns = `size::float8 AS size, encode(root, 'hex') AS "rootHash", note, signed_at AS "signedAt"`;
// any number, the same in every replica
const signingLock = 7_201_001;

/** Signs the head of the log and keeps what was signed. */
@Injectable()
export class CheckpointsService implements OnModuleInit {
  private key: NoteSigner | undefined;

  constructor(
    private readonly transactions: Transactions,
    private readonly auditLog: AuditLogService,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async onModuleInit(): Promise<void> {
    const [row] = await this.transactions.manager.query<{ id: string }[]>('SELECT installation_id AS id FROM audit_head');
    this.key = await loadSigningKey(this.config.SIGNING_KEY_FILE, `bascule/${row!.id}`);
  }

  get signer(): NoteSigner {
    if (!this.key) throw new Error('the signing key is read when the module starts');
    return this.key;
  }

  /** What auditors verify signatures with; its name is the origin of the log. */
  get verifierKey(): string {
    return verifierKeyOf(this.signer);
  }

  async findLatest(): Promise<SignedCheckpoint | undefined> {
    const [row] = await this.transactions.manager.query<SignedCheckpoint[]>(
      `SELECT ${columns} FROM checkpoints ORDER BY checkpoints.size DESC LIMIT 1`,
    );
    return row;
  }

  async getLatest(): Promise<SignedCheckpoint> {
    const latest = await this.findLatest();
    if (!latest) throw checkpointNotFound();
    return latest;
  }

  /** A checkpoint over at least that many entries: the latest, or one signed now. */
  async covering(size: number): Promise<SignedCheckpoint> {
    const latest = await this.findLatest();
    if (latest && latest.size >= size) return latest;
    return this.sign();
  }

  /** Signs when the log grew by more than the record of its own signatures. */
  async signIfGrown(): Promise<void> {
    const latest = await this.findLatest();
    const [row] = await this.transactions.manager.query<{ grown: boolean }[]>(
      'SELECT EXISTS (SELECT 1 FROM audit_entries WHERE index >= $1 AND type <> $2) AS grown',
      [latest?.size ?? 0, checkpointSigned.type],
    );
    if (row!.grown) await this.sign();
  }

  private async sign(): Promise<SignedCheckpoint> {
    return this.transactions.run(async (manager) => {
      await manager.query('SELECT pg_advisory_xact_lock($1)', [signingLock]);
      const { size, edge } = await this.auditLog.head();
      const existing = await this.findLatest();
      if (existing && existing.size >= size) return existing;
      if (size === 0) throw checkpointNotFound();
      const root = foldSubtrees(edge);
      const note = signNote(formatCheckpoint({ origin: this.signer.name, size, root }), this.signer);
      const signedAt = this.clock.now();
      await manager.query('INSERT INTO checkpoints (size, root, note, signed_at) VALUES ($1, $2, $3, $4)', [size, root, note, signedAt]);
      const rootHash = root.toString('hex');
      const { name } = this.signer;
      await this.outbox.publish({ definition: checkpointSigned, data: { origin: name, treeSize: size, rootHash, keyName: name } });
      return { size, rootHash, note, signedAt };
    });
  }
}
