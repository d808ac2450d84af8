import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The record of an erasure: what was taken out, and what is still to be removed. The values it was found by are kept nowhere. */
@Entity('erasures')
export class ErasureEntity {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('text')
  datasetName!: string;

  @Column('text')
  columnName!: string;

  /** Rows of the current version. */
  @Column('int')
  removedCount!: number;

  /** Records in quarantine and rows that waited. */
  @Column('int')
  otherCount!: number;

  /** The version without the records; none where the current one had none of them. */
  @Column('text', { nullable: true })
  datasetVersion!: string | null;

  /** Versions that hold the records until their parts are removed. */
  @Column('json')
  affectedVersions!: string[];

  /** Digests of the parts, profiles and sent contents to be removed. */
  @Column('json')
  objects!: string[];

  @Column('text')
  reason!: string;

  @Column('text')
  erasedBy!: string;

  @Column('timestamptz')
  erasedAt!: Date;

  @Column('timestamptz')
  removalDueAt!: Date;

  @Column('timestamptz', { nullable: true })
  removedAt!: Date | null;
}
