import type { Environment } from '@bascule/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Where an alias points now. */
@Entity('aliases')
export class AliasEntity {
  @PrimaryColumn('text') modelName!: string;
  @PrimaryColumn('text') environment!: Environment;
  @PrimaryColumn('text') alias!: string;
  @Column('int') version!: number;
  @Column('timestamptz') movedAt!: Date;
  @Column('uuid', { nullable: true }) promotionId!: string | null;
  @Column('uuid', { nullable: true }) rolloutId!: string | null;
  /** Present when the version came up although gates had failed. */
  @Column('jsonb', { nullable: true }) override!: { by: string; reason: string } | null;
}
