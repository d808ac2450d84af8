import type { Environment, ModelSignature, RolloutStrategy, RoutedVersion } from '@bascule/contracts';
import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn } from 'typeorm';
import type { KeptVerdict, RolloutStatus } from './rollout-state.js';

/** One approved promotion on its way to the traffic. */
@Entity('rollouts')
export class Rollout {
  @PrimaryColumn('uuid') id!: string;
  @Column('uuid') promotionId!: string;
  @Column('text') modelName!: string;
  @Column('text') environment!: Environment;
  @Column('int') version!: number;
  @Column('text') artifactDigest!: string;
  @Column('int') artifactSizeBytes!: number;
  @Column('jsonb') signature!: ModelSignature;
  /** Where its signature lies and who has to have made it; null when the registry named none. */
  @Column('jsonb', { nullable: true }) signed!: RoutedVersion['signed'] | null;
  @Column('text', { nullable: true }) profileDigest!: string | null;
  @Column('int', { nullable: true }) championVersion!: number | null;
  @Column('text') requestedBy!: string;
  @Column('text') approvedBy!: string;
  @Column('jsonb') steps!: number[];
  /** Null in rollouts of an earlier release: a canary by the steps. */
  @Column('jsonb', { nullable: true }) strategy!: RolloutStrategy | null;
  @Column('text') status!: RolloutStatus;
  @Column('int') step!: number;
  @Column('int') percent!: number;
  @Column('timestamptz', { nullable: true }) stepStartedAt!: Date | null;
  /** A person holds it where it is. */
  @Column('boolean') isPaused!: boolean;
  /** It ended in a way that keeps the version from being tried again. */
  @Column('boolean') isMarked!: boolean;
  /** Its promotion passed over what speaks against it. */
  @Column('boolean') isOverride!: boolean;
  @Column('jsonb') loadedBy!: string[];
  @Column('jsonb', { nullable: true }) keptVerdict!: KeptVerdict | null;
  /** The event that asked for the rollout, and the chain it belongs to. */
  @Column('text', { nullable: true }) causedBy!: string | null;
  @Column('text', { nullable: true }) correlationId!: string | null;
  @CreateDateColumn({ type: 'timestamptz' }) createdAt!: Date;
  @UpdateDateColumn({ type: 'timestamptz' }) updatedAt!: Date;
  @Column('timestamptz', { nullable: true }) endedAt!: Date | null;
}
