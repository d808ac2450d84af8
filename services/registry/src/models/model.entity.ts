import type { Tags } from '@bascule/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A registered model: the name that versions and aliases belong to. */
@Entity('models')
export class ModelEntity {
  @PrimaryColumn('text') name!: string;
  @Column('text') title!: string;
  @Column('int') latestVersion!: number;
  @Column('text') description!: string;
  @Column('jsonb') tags!: Tags;
  @Column('timestamptz') createdAt!: Date;
}
