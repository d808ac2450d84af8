import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** One thing that happened to a rollout, with its reasons; never changed. */
@Entity('rollout_steps')
export class RolloutStep {
  @PrimaryGeneratedColumn('identity', { type: 'bigint' }) id!: string;
  @Column('uuid') rolloutId!: string;
  @Column('text') move!: string;
  @Column('int') step!: number;
  @Column('int') percent!: number;
  @Column('jsonb') reasons!: readonly string[];
  @Column('timestamptz') at!: Date;
}
