import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The version that serves in production, per model. */
@Entity('champions')
export class ChampionEntity {
  @PrimaryColumn('text')
  modelName!: string;

  @Column('integer')
  version!: number;

  @Column('text')
  artifactDigest!: string;

  @Column('timestamptz')
  movedAt!: Date;
}
