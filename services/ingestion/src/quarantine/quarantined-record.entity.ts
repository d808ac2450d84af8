import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Reason } from '../validation/reason.js';

export const quarantineStatuses = ['waiting', 'resubmitted', 'discarded'] as const;

@Entity('quarantined_records')
export class QuarantinedRecordEntity {
  @PrimaryColumn('uuid')
  batchId!: string;

  @PrimaryColumn('int')
  row!: number;

  /** Line of the content it begins on; 0 where the format has no lines. */
  @Column('int')
  line!: number;

  /** The original text, cut where it is very long; null for records of before it was kept. */
  @Column('json', { nullable: true })
  raw!: string | null;

  @Column('json')
  record!: unknown;

  @Column('json')
  reasons!: Reason[];

  @Column('text')
  status!: (typeof quarantineStatuses)[number];

  /** The batch in which it was sent again. */
  @Column('uuid', { nullable: true })
  resubmittedBatchId!: string | null;

  @Column('text', { nullable: true })
  settledBy!: string | null;

  @Column('timestamptz', { nullable: true })
  settledAt!: Date | null;

  @Column('text', { nullable: true })
  settledReason!: string | null;
}
