import type { CaptureSetting, RoutedVersion } from '@bascule/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { ColumnFinding } from '../batch-intake/column-findings.js';

/** Where the rows come from. */
export type BatchSource =
  | { readonly kind: 'file'; readonly digest: string; readonly sizeBytes: number; readonly contentType: string }
  | { readonly kind: 'dataset'; readonly datasetName: string; readonly datasetVersion: string };

/** What the client asked for besides the rows. */
export interface BatchOptions {
  readonly output: 'parquet' | 'csv';
  /** Column with the client's own ids. */
  readonly idColumn: string | null;
  /** Column that says when each record occurred. */
  readonly occurredAtColumn: string | null;
  /** Feature to column, where their names differ. */
  readonly mapping: Readonly<Record<string, string>>;
  /** What a feature is that a record does not have: an error (also when this is absent), or missing as if it were null. */
  readonly absentFeatures?: 'refuse' | 'missing';
  /** What is recorded of the rows; absent: everything. */
  readonly capture?: CaptureSetting;
}

/** `running`: its rows are cut into pieces and predicted; `assembling`: every piece is done, the file of results is written. */
export type BatchStatus = 'running' | 'assembling' | 'succeeded' | 'failed' | 'cancelled';

/** A file or a dataset version on its way through a model. */
@Entity('batch_jobs')
export class BatchJob {
  @PrimaryColumn('uuid') id!: string;
  @Column('text') modelName!: string;
  /** The version that answers all rows, fixed when the job was accepted. */
  @Column('jsonb') version!: RoutedVersion;
  @Column('jsonb') source!: BatchSource;
  @Column('jsonb') options!: BatchOptions;
  @Column('text') status!: BatchStatus;
  /** Why it failed, or who cancelled it. */
  @Column('text', { nullable: true }) reason!: string | null;
  @Column('text') keyId!: string;
  @Column('text') requestedBy!: string;
  @Column('text', { nullable: true }) idempotencyKey!: string | null;
  @Column('text') requestHash!: string;
  /** Pieces and rows cut so far; the whole input once `isCut`. */
  @Column('int') pieceCount!: number;
  @Column('int') rowCount!: number;
  @Column('boolean') isCut!: boolean;
  @Column('int') rowsDone!: number;
  @Column('int') rowsFailed!: number;
  /** About the values of the rows cut so far. */
  @Column('jsonb') findings!: readonly ColumnFinding[];
  @Column('text', { nullable: true }) resultDigest!: string | null;
  @Column('bigint', { nullable: true }) resultSizeBytes!: string | null;
  /** The rows that failed, as NDJSON. */
  @Column('text', { nullable: true }) errorsDigest!: string | null;
  @Column('uuid', { nullable: true }) leaseOwner!: string | null;
  @Column('timestamptz', { nullable: true }) leaseExpiresAt!: Date | null;
  /** Times that cutting or assembling broke off. */
  @Column('int') failures!: number;
  @Column('timestamptz') acceptedAt!: Date;
  @Column('timestamptz', { nullable: true }) endedAt!: Date | null;
  /** When its pieces were removed. */
  @Column('timestamptz', { nullable: true }) cleanedAt!: Date | null;
  /** When its results were removed. */
  @Column('timestamptz', { nullable: true }) expiredAt!: Date | null;
}
