import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Cause } from './situation.js';

/** One decision to train or to hold, with its reasons. */
@Entity('triggers')
export class TriggerEntity {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('text')
  pipelineName!: string;

  @Column('text')
  modelName!: string;

  /** Of the pipeline as it was then. */
  @Column('text')
  datasetName!: string;

  @Column('text', { nullable: true })
  evaluationDatasetName!: string | null;

  @Column('text')
  cause!: Cause;

  @Column('text')
  outcome!: 'run' | 'hold';

  @Column('jsonb')
  reasons!: string[];

  @Column('uuid', { nullable: true })
  runId!: string | null;

  /** Of a schedule: the time that was due. */
  @Column('timestamptz', { nullable: true })
  nominalAt!: Date | null;

  /** Unique per pipeline: the same decision in the same state is recorded once. */
  @Column('text')
  fingerprint!: string;

  @Column('timestamptz')
  decidedAt!: Date;
}
