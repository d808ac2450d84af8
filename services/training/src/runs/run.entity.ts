import type { Metrics, PairedComparison } from '@bascule/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { TrainedResult } from '../trainers/job.schema.js';
import type { RunStatus } from './run-state.js';
import type { RunRecipe } from './runs.schema.js';

/** What a succeeded run made, and how the champion does on the same hold-out rows. */
export interface RunResult extends Omit<TrainedResult, 'outcome' | 'championMetrics' | 'comparison'> {
  /** Parameters it was fitted with: those of the pipeline, and what a search found. */
  readonly params?: Readonly<Record<string, string | number | boolean>>;
  /** The signed statement of what it was made from. */
  readonly provenanceDigest?: string;
  /** The public key (PEM) that signed it. */
  readonly provenanceKey?: string;
  readonly champion?: {
    readonly version: number;
    readonly artifactDigest: string;
    readonly metrics: Metrics;
    readonly comparison?: PairedComparison;
  };
}

/** One execution of a pipeline, with the recipe as it was when the run was requested. */
@Entity('runs')
export class RunEntity {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('text')
  pipelineName!: string;

  /** Absent in runs of before there were versions. */
  @Column('integer', { nullable: true })
  pipelineVersion!: number | null;

  @Column('text')
  modelName!: string;

  @Column('text')
  datasetName!: string;

  /** Absent where it is judged on rows of the same dataset. */
  @Column('text', { nullable: true })
  evaluationDatasetName!: string | null;

  @Column('text')
  datasetVersion!: string;

  @Column('text')
  evaluationDatasetVersion!: string;

  @Column('jsonb')
  recipe!: RunRecipe;

  @Column('text')
  status!: RunStatus;

  @Column('integer')
  attempt!: number;

  /** Attempts that broke off; a clean hand-over at shutdown is none. */
  @Column('integer')
  failures!: number;

  @Column('text')
  requestedBy!: string;

  /** Place in the queue: higher goes first. */
  @Column('smallint')
  priority!: number;

  @Column('uuid', { nullable: true })
  triggerId!: string | null;

  @Column('text', { nullable: true })
  reason!: string | null;

  @Column('jsonb')
  tags!: Record<string, string>;

  /** What people wrote about it. */
  @Column('text', { nullable: true })
  note!: string | null;

  @Column('jsonb', { nullable: true })
  result!: RunResult | null;

  @Column('uuid', { nullable: true })
  leaseOwner!: string | null;

  @Column('timestamptz', { nullable: true })
  leaseExpiresAt!: Date | null;

  @Column('timestamptz', { nullable: true })
  attemptStartedAt!: Date | null;

  /** Time that ended attempts took. */
  @Column('bigint')
  computeMs!: string;

  /** Not before: the delay between attempts. */
  @Column('timestamptz')
  availableAt!: Date;

  /** The event that the next event of this run follows from. */
  @Column('uuid')
  lastEventId!: string;

  @Column('uuid')
  correlationId!: string;

  @Column('timestamptz')
  requestedAt!: Date;

  @Column('timestamptz', { nullable: true })
  startedAt!: Date | null;

  @Column('timestamptz', { nullable: true })
  finishedAt!: Date | null;
}
