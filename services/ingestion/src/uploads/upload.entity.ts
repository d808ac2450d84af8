import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { ReadOptions } from '../batches/batches.schema.js';

@Entity('uploads')
export class UploadEntity {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('text')
  datasetName!: string;

  @Column('text')
  contractName!: string;

  @Column('text')
  contentType!: string;

  @Column('json')
  readOptions!: ReadOptions;

  /** As its sender wrote it: the protocol gives it back unchanged. */
  @Column('text')
  metadata!: string;

  @Column('bigint', { transformer: { to: (value: number) => value, from: Number } })
  lengthBytes!: number;

  @Column('text')
  sentBy!: string;

  /** The batch it became; none while bytes are missing. */
  @Column('uuid', { nullable: true })
  batchId!: string | null;

  @Column('timestamptz')
  createdAt!: Date;

  @Column('timestamptz')
  expiresAt!: Date;
}
