import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

@Entity('dataset_versions')
export class DatasetVersionEntity {
  @PrimaryColumn('text')
  datasetName!: string;

  /** SHA-256 of the manifest. */
  @PrimaryColumn('text')
  version!: string;

  /** 1 for the first version of the dataset. */
  @Column('int')
  sequence!: number;

  @Column('text', { nullable: true })
  parentVersion!: string | null;

  @Column('text')
  contractName!: string;

  @Column('int')
  contractVersion!: number;

  @Column('int')
  rowCount!: number;

  @Column('int')
  labelledCount!: number;

  @Column('int')
  newLabelledCount!: number;

  @Column('timestamptz')
  occurredFrom!: Date;

  @Column('timestamptz')
  occurredTo!: Date;

  /** The batch whose records this version adds to its parent. */
  @Column('uuid')
  batchId!: string;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt!: Date;
}
