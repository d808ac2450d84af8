import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { VoteDecision } from './approval-policy.js';

/** What one person said about one promotion. */
@Entity('approval_votes')
export class ApprovalVote {
  @PrimaryColumn('uuid')
  voteId!: string;

  @Column('uuid')
  approvalId!: string;

  @Column('text')
  voter!: string;

  /** Those the voter held then. */
  @Column('text', { array: true })
  roles!: string[];

  @Column('text')
  decision!: VoteDecision;

  @Column('text')
  reason!: string;

  @Column('timestamptz')
  votedAt!: Date;
}
