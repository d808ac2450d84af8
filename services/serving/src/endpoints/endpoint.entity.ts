import type { CaptureSetting, Environment, RoutedVersion } from '@bascule/contracts';
import { Column, Entity, PrimaryColumn, UpdateDateColumn } from 'typeorm';

/** Who chose how an endpoint captures, when and why. */
export interface CaptureSet {
  readonly by: string;
  readonly reason: string;
  readonly at: string;
}

/** What serves a model in an environment now; the routing table is projected from it. */
@Entity('endpoints')
export class Endpoint {
  @PrimaryColumn('text') modelName!: string;
  @PrimaryColumn('text') environment!: Environment;
  /** Grows with every change. */
  @Column('int') revision!: number;
  @Column('uuid', { nullable: true }) rolloutId!: string | null;
  /** Where that rollout stands; null without one. */
  @Column('int', { nullable: true }) rolloutStep!: number | null;
  /** Versions that rollouts brought; `servedVersions` adds the shadow. */
  @Column('jsonb') versions!: RoutedVersion[];
  /** Null: everything is captured. */
  @Column('jsonb', { nullable: true }) capture!: CaptureSetting | null;
  @Column('jsonb', { nullable: true }) captureSet!: CaptureSet | null;
  @Column('jsonb', { nullable: true }) shadow!: RoutedVersion | null;
  @UpdateDateColumn({ type: 'timestamptz' }) updatedAt!: Date;
}

/** Everything gateways are to hold: a version that takes part in answering is not its own shadow. */
export function servedVersions({ versions, shadow }: Pick<Endpoint, 'versions' | 'shadow'>): RoutedVersion[] {
  return shadow && !versions.some(({ version }) => version === shadow.version) ? [...versions, shadow] : versions;
}
