import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Cause } from '../triggers/situation.js';

/** A cause that was held and waits to be weighed again; the newest event per cause replaces the one before. */
@Entity('signals')
export class SignalEntity {
  @PrimaryColumn('text')
  pipelineName!: string;

  @PrimaryColumn('text')
  cause!: Cause;

  /** Empty where a newer event takes the place of the one before; else what tells two of a cause apart. */
  @PrimaryColumn('text')
  key!: string;

  /** Of a schedule: the time that was due. */
  @Column('timestamptz', { nullable: true })
  nominalAt!: Date | null;

  @Column('timestamptz', { nullable: true })
  weighedAt!: Date | null;

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
