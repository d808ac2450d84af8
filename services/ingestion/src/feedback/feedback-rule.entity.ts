import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

/** Says that labelled predictions of a model become records of a dataset. */
@Entity('feedback_rules')
export class FeedbackRuleEntity {
  @PrimaryColumn('text')
  datasetName!: string;

  @PrimaryColumn('text')
  modelName!: string;

  @Column('text')
  labelColumn!: string;

  @Column('text', { nullable: true })
  idColumn!: string | null;

  @Column('text')
  idFrom!: 'client_record_id' | 'prediction_id';

  @Column('text', { nullable: true })
  timeColumn!: string | null;

  @Column('text')
  createdBy!: string;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt!: Date;
}
