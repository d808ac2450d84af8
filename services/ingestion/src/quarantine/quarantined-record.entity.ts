import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Reason } from '../validation/reason.js';

@Entity('quarantined_records')
export class QuarantinedRecordEntity {
  @PrimaryColumn('uuid')
  batchId!: string;

  @PrimaryColumn('int')
  row!: number;

  @Column('json')
  record!: unknown;

  @Column('json')
  reasons!: Reason[];
}
