import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A dataset version that ingestion published. */
@Entity('dataset_versions')
export class DatasetVersionEntity {
  @PrimaryColumn('text')
  datasetName!: string;

  @PrimaryColumn('text')
  version!: string;

  @Column('integer')
  rowCount!: number;

  @Column('integer')
  labelledCount!: number;

  @Column('timestamptz')
  occurredFrom!: Date;

  @Column('timestamptz')
  occurredTo!: Date;

  @Column('timestamptz')
  publishedAt!: Date;

  /** Batches that this version has and its parent had not. */
  @Column('jsonb')
  batchIds!: string[];

  /** Order of publication within the dataset. */
  @Column('bigint')
  sequence!: string;
}
