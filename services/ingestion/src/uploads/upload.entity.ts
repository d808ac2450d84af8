import { UploadEntity as Upload } from '@bascule/uploads';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { ReadOptions } from '../batches/batches.schema.js';

/** A batch that arrives in pieces. */
@Entity('uploads')
export class UploadEntity extends Upload {
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

  /** The batch it became. */
  @Column('uuid', { name: 'batch_id', nullable: true })
  became!: string | null;
}
