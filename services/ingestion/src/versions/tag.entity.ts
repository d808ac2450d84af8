import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A name that points to a version of a dataset. */
@Entity('dataset_tags')
export class DatasetTagEntity {
  @PrimaryColumn('text')
  datasetName!: string;

  @PrimaryColumn('text')
  tag!: string;

  @Column('text')
  version!: string;

  @Column('text')
  taggedBy!: string;

  @Column('timestamptz')
  taggedAt!: Date;
}
