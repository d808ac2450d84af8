import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { SourceSettings, Watermark } from './sources.schema.js';

@Entity('sources')
export class SourceEntity {
  @PrimaryColumn('text')
  name!: string;

  @Column('text')
  datasetName!: string;

  @Column('text')
  contractName!: string;

  @Column('json')
  settings!: SourceSettings;

  @Column('int')
  everySeconds!: number;

  @Column('boolean')
  isPaused!: boolean;

  /** Position of the last row that was taken; none before the first, and for folders. */
  @Column('json', { nullable: true })
  watermark!: Watermark | null;

  @Column('timestamptz')
  nextRunAt!: Date;

  @Column('timestamptz', { nullable: true })
  lastRunAt!: Date | null;

  @Column('uuid', { nullable: true })
  lastBatchId!: string | null;

  /** Runs that failed since the last one that did not. */
  @Column('int')
  failures!: number;

  @Column('text', { nullable: true })
  lastError!: string | null;

  @Column('text')
  createdBy!: string;

  @Column('timestamptz')
  createdAt!: Date;
}
