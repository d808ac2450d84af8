import type { Environment } from '@bascule/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One stay of an alias at a version: from inclusive, to exclusive, open while it lasts. */
@Entity('alias_moves')
export class AliasMoveEntity {
  @PrimaryColumn('uuid') moveId!: string;
  @Column('text') modelName!: string;
  @Column('text') environment!: Environment;
  @Column('text') alias!: string;
  @Column('int') version!: number;
  @Column('int', { nullable: true }) previousVersion!: number | null;
  @Column('timestamptz') fromAt!: Date;
  @Column('timestamptz', { nullable: true }) toAt!: Date | null;
  @Column('uuid') promotionId!: string;
  @Column('uuid') rolloutId!: string;
}
