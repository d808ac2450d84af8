import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { PipelineBody } from './pipelines.schema.js';

/** The recipe of a training, and when to train. */
@Entity('pipelines')
export class PipelineEntity {
  @PrimaryColumn('text')
  name!: string;

  @Column('text', { nullable: true })
  title!: string | null;

  @Column('text')
  modelName!: string;

  @Column('text')
  datasetName!: string;

  @Column('text', { nullable: true })
  evaluationDatasetName!: string | null;

  @Column('text')
  trainer!: PipelineBody['trainer'];

  @Column('jsonb')
  features!: PipelineBody['features'];

  @Column('jsonb')
  label!: PipelineBody['label'];

  @Column('jsonb')
  params!: PipelineBody['params'];

  @Column('jsonb')
  split!: PipelineBody['split'];

  @Column('jsonb')
  evaluation!: PipelineBody['evaluation'];

  @Column('jsonb')
  resources!: PipelineBody['resources'];

  @Column('jsonb', { nullable: true })
  search!: PipelineBody['search'] | null;

  @Column('jsonb')
  gates!: PipelineBody['gates'];

  @Column('text')
  priority!: PipelineBody['priority'];

  @Column('jsonb')
  triggers!: PipelineBody['triggers'];

  /** Grows with every change. */
  @Column('integer')
  version!: number;

  @Column('text')
  createdBy!: string;

  @Column('timestamptz')
  createdAt!: Date;

  @Column('timestamptz')
  updatedAt!: Date;
}
