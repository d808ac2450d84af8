import type { Metrics, ModelSignature, PairedComparison, Tags, VersionSource } from '@bascule/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Admission } from '../admission/admission.js';
import type { Stage } from '../promotion/stage.js';

/** What a version was measured against: the champion of its time, on the same hold-out rows. */
export interface Comparison {
  readonly version: number;
  readonly metrics: Metrics;
  /** Row by row, when the run made it. */
  readonly paired?: PairedComparison;
}
/** Where the signed statement of what it was made from lies, and the public key (PEM) of the training service that signed it. */
export interface StoredProvenance {
  readonly digest: string;
  readonly publicKey: string;
}
export interface RowRange {
  readonly from: string;
  readonly to: string;
  readonly rowCount: number;
}

/** An immutable version of a model; only stage, description and tags change. */
@Entity('versions')
export class VersionEntity {
  @PrimaryColumn('text') modelName!: string;
  @PrimaryColumn('int') version!: number;
  @Column('uuid', { nullable: true }) runId!: string | null;
  @Column('text') registeredBy!: string;
  @Column('text') stage!: Stage;
  @Column('text') artifactDigest!: string;
  @Column('bigint') artifactSizeBytes!: string;
  @Column('text', { nullable: true }) profileDigest!: string | null;
  /** Of the evaluation report in the object store. */
  @Column('text', { nullable: true }) reportDigest!: string | null;
  @Column('text', { nullable: true }) datasetName!: string | null;
  @Column('text', { nullable: true }) datasetVersion!: string | null;
  @Column('text', { nullable: true }) evaluationDatasetVersion!: string | null;
  @Column('jsonb') signature!: ModelSignature;
  @Column('jsonb') metrics!: Metrics;
  @Column('jsonb', { nullable: true }) comparison!: Comparison | null;
  @Column('jsonb', { nullable: true }) provenance!: StoredProvenance | null;
  @Column('jsonb') params!: Record<string, string | number | boolean>;
  @Column('jsonb', { nullable: true }) trainedOn!: RowRange | null;
  @Column('jsonb', { nullable: true }) evaluatedOn!: RowRange | null;
  /** What the probe found; null for versions from before there was one. */
  @Column('jsonb', { nullable: true }) admission!: Admission | null;
  @Column('text') source!: VersionSource;
  @Column('text') description!: string;
  @Column('jsonb') tags!: Tags;
  /** Order of registration over all models. */
  @Column({ type: 'bigint', insert: false, update: false }) sequence!: string;
  @Column('timestamptz') createdAt!: Date;
  @Column('timestamptz', { nullable: true }) archivedAt!: Date | null;
  @Column('text', { nullable: true }) archivedBy!: string | null;
  @Column('text', { nullable: true }) archiveReason!: string | null;
}
