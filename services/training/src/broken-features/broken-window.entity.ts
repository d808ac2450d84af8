import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A window in which a fault changed a feature; its rows take no part in training. */
@Entity('broken_windows')
export class BrokenWindowEntity {
  @PrimaryColumn('text')
  modelName!: string;

  @PrimaryColumn('text')
  feature!: string;

  @PrimaryColumn('timestamptz')
  from!: Date;

  @PrimaryColumn('timestamptz')
  to!: Date;

  @Column('text')
  fault!: string;

  @Column('jsonb')
  reasons!: string[];
}
