import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { PipelineBody } from './pipelines.schema.js';

/** A pipeline as it once was; never changed. */
@Entity('pipeline_versions')
export class PipelineVersionEntity {
  @PrimaryColumn('text')
  pipelineName!: string;

  @PrimaryColumn('integer')
  version!: number;

  @Column('jsonb')
  document!: PipelineBody;

  /** The YAML it was written in; null for JSON. */
  @Column('text', { nullable: true })
  source!: string | null;

  @Column('text')
  createdBy!: string;

  @Column('timestamptz')
  createdAt!: Date;
}
