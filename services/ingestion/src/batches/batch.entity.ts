import type { DatasetPart } from '@bascule/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { PublishAs } from '../publication/publish-as.js';
import type { ValidationReport } from '../validation/validation-report.js';
import type { ReadOptions } from './batches.schema.js';

@Entity('batches')
export class BatchEntity {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('text')
  datasetName!: string;

  @Column('text')
  contractName!: string;

  @Column('int')
  contractVersion!: number;

  @Column('text')
  contentDigest!: string;

  @Column('text')
  contentType!: string;

  /** How to read the content, as its sender told it. */
  @Column('json')
  readOptions!: ReadOptions;

  @Column('bigint', { transformer: { to: (value: number) => value, from: Number } })
  sizeBytes!: number;

  /** What it does to its dataset once it is accepted. */
  @Column('json')
  publishAs!: PublishAs;

  /** Where its labels came from; only of labelled predictions. */
  @Column('json', { nullable: true })
  labels!: NonNullable<DatasetPart['labels']> | null;

  @Column('text')
  origin!: 'upload' | 'production';

  @Column('text')
  sentBy!: string;

  @Column('text')
  status!: 'received' | 'validated' | 'rejected';

  @Column('json', { nullable: true })
  report!: ValidationReport | null;

  /** The dataset version this batch made; none when no record of it was new. */
  @Column('text', { nullable: true })
  datasetVersion!: string | null;

  /** The batch that carries its content now; of rejected ones that were sent again. */
  @Column('uuid', { nullable: true })
  resubmittedBatchId!: string | null;

  @Column('timestamptz')
  receivedAt!: Date;

  @Column('timestamptz', { nullable: true })
  decidedAt!: Date | null;
}
