import type { DatasetChange } from '@bascule/contracts';
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

  /** The batch whose records are new in this version; none where records were only taken out. */
  @Column('uuid', { nullable: true })
  batchId!: string | null;

  @Column('text')
  changeKind!: DatasetChange['kind'];

  /** Records of the parent that are not in this version. */
  @Column('int')
  removedCount!: number;

  /** Root of the tree over columns and parts; null in versions of before it was kept. */
  @Column('text', { nullable: true })
  contentRoot!: string | null;

  /** The profile in the object store, once it is made. */
  @Column('text', { nullable: true })
  profileDigest!: string | null;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt!: Date;
}
