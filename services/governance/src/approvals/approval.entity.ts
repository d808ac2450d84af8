import type { Environment, PromotionRequested } from '@bascule/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { ApprovalStatus } from './approval-policy.js';

/** A promotion that waits for, or got, a person's yes or no. */
@Entity('approvals')
export class Approval {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid')
  promotionId!: string;

  @Column('text')
  modelName!: string;

  @Column('integer')
  version!: number;

  @Column('text')
  environment!: Environment;

  @Column('text')
  requestedBy!: string;

  /** What was asked, with gates and metrics, as the approver saw it. */
  @Column('jsonb')
  request!: PromotionRequested['data'];

  @Column('text')
  status!: ApprovalStatus;

  @Column('timestamptz')
  openedAt!: Date;

  @Column('text', { nullable: true })
  decidedBy!: string | null;

  @Column('timestamptz', { nullable: true })
  decidedAt!: Date | null;

  @Column('text', { nullable: true })
  reason!: string | null;

  /** The event that asked, so that the answer names its cause. */
  @Column('text')
  causeId!: string;

  @Column('text')
  correlationId!: string;
}
