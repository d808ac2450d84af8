import { Column, Entity, PrimaryColumn } from 'typeorm';

/** When the schedule of a pipeline is due next; no row without a schedule. */
@Entity('schedules')
export class ScheduleEntity {
  @PrimaryColumn('text')
  pipelineName!: string;

  /** Cron expression and zone that `nextAt` was reckoned with. */
  @Column('text')
  rule!: string;

  @Column('timestamptz')
  nextAt!: Date;
}
