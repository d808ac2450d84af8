import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The one switch; the table has one row. */
@Entity('freeze_switch')
export class FreezeSwitchRow {
  @PrimaryColumn('text')
  id!: 'loop';

  @Column('boolean')
  frozen!: boolean;

  @Column('text')
  changedBy!: string;

  @Column('text')
  reason!: string;

  @Column('timestamptz')
  since!: Date;
}
