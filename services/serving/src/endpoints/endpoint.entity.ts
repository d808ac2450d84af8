import type { Environment, RoutedVersion } from '@bascule/contracts';
import { Column, Entity, PrimaryColumn, UpdateDateColumn } from 'typeorm';

/** What serves a model in an environment now; the routing table is projected from it. */
@Entity('endpoints')
export class Endpoint {
  @PrimaryColumn('text') modelName!: string;
  @PrimaryColumn('text') environment!: Environment;
  /** Grows with every change. */
  @Column('int') revision!: number;
  @Column('uuid', { nullable: true }) rolloutId!: string | null;
  @Column('jsonb') versions!: RoutedVersion[];
  @UpdateDateColumn({ type: 'timestamptz' }) updatedAt!: Date;
}
