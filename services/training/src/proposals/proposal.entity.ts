import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Cause } from '../triggers/situation.js';

export const proposalStatuses = ['open', 'accepted', 'declined', 'superseded'] as const;
export type ProposalStatus = (typeof proposalStatuses)[number];

/** A run that waits for a person; at most one is open per pipeline. */
@Entity('proposals')
export class ProposalEntity {
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

  @Column('uuid')
  triggerId!: string;

  @Column('jsonb')
  reasons!: string[];

  @Column('text')
  status!: ProposalStatus;

  @Column('timestamptz')
  openedAt!: Date;

  @Column('timestamptz', { nullable: true })
  answeredAt!: Date | null;

  @Column('text', { nullable: true })
  answeredBy!: string | null;

  @Column('text', { nullable: true })
  answerReason!: string | null;

  @Column('uuid', { nullable: true })
  runId!: string | null;

  /** The event that the answer follows from. */
  @Column('uuid')
  lastEventId!: string;

  @Column('uuid')
  correlationId!: string;
}
