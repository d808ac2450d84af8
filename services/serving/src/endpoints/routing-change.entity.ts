import type { CaptureSetting, Environment } from '@bascule/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { type Endpoint, servedVersions } from './endpoint.entity.js';

/** Which version answered with which weight from then on; never changed. */
@Entity('routing_changes')
export class RoutingChange {
  @PrimaryColumn('text') modelName!: string;
  @PrimaryColumn('text') environment!: Environment;
  @PrimaryColumn('int') revision!: number;
  @Column('uuid', { nullable: true }) rolloutId!: string | null;
  @Column('jsonb') versions!: { version: number; artifactDigest: string; percent: number; role: string }[];
  /** Null: everything was captured. */
  @Column('jsonb', { nullable: true }) capture!: CaptureSetting | null;
  @Column('timestamptz') validFrom!: Date;
}

/** What an endpoint routes to from a moment on. */
export function routingChangeOf(endpoint: Endpoint, validFrom: Date): RoutingChange {
  const { modelName, environment, revision, rolloutId, capture } = endpoint;
  const versions = servedVersions(endpoint).map(({ version, artifactDigest, percent, role }) => ({
    version,
    artifactDigest,
    percent,
    role,
  }));
  return { modelName, environment, revision, rolloutId, versions, capture, validFrom };
}
