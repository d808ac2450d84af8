import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Cause } from '../triggers/trigger-policy.js';

/** A cause that was held and waits to be weighed again; the newest event per cause replaces the one before. */
@Entity('signals')
export class SignalEntity {
  @PrimaryColumn('text')
  pipelineName!: string;

  @PrimaryColumn('text')
  cause!: Cause;

  /** The event that said so; a run that follows names it as its cause. */
  @Column('uuid', { nullable: true })
  eventId!: string | null;

  @Column('uuid', { nullable: true })
  correlationId!: string | null;

  @Column('jsonb')
  features!: string[];

  @Column('timestamptz', { nullable: true })
  windowFrom!: Date | null;

  @Column('timestamptz', { nullable: true })
  windowTo!: Date | null;

  @Column('timestamptz')
  receivedAt!: Date;
}
