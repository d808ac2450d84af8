import type { Environment } from '@bascule/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Which version answered with which weight from then on; never changed. */
@Entity('routing_changes')
export class RoutingChange {
  @PrimaryColumn('text') modelName!: string;
  @PrimaryColumn('text') environment!: Environment;
  @PrimaryColumn('int') revision!: number;
  @Column('uuid', { nullable: true }) rolloutId!: string | null;
  @Column('jsonb') versions!: { version: number; artifactDigest: string; percent: number; role: string }[];
  @Column('timestamptz') validFrom!: Date;
}
