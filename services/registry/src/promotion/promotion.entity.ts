import type { ApprovalRequirement, CastVote, Environment, GateResult, RolloutStrategy } from '@bascule/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { PromotionStatus } from './stage.js';

export interface Override {
  readonly by: string;
  readonly reason: string;
}
export interface ApprovalVote {
  /** Null when the policy asked nobody. */
  readonly approvalId: string | null;
  /** Whose vote decided. */
  readonly decidedBy: string;
  readonly reason: string;
  readonly votes?: readonly CastVote[];
}

/** What was known as a promotion was decided. */
export interface DecisionRecord {
  readonly gates: GateResult[];
  readonly championVersion: number | null;
  /** Of the policy that held then; 0 when the model had none of its own. */
  readonly policyRevision: number;
}

/** A request to bring a version into an environment, with everything that was decided about it. */
@Entity('promotions')
export class PromotionEntity {
  @PrimaryColumn('uuid') promotionId!: string;
  @Column('text') modelName!: string;
  @Column('int') version!: number;
  @Column('text') environment!: Environment;
  @Column('text') status!: PromotionStatus;
  @Column('text') requestedBy!: string;
  /** As they answered when it was asked for. */
  @Column('jsonb') gates!: GateResult[];
  @Column('text', { nullable: true }) metricsDeclaredBy!: string | null;
  @Column('jsonb', { nullable: true }) override!: Override | null;
  @Column('jsonb') strategy!: RolloutStrategy;
  @Column('int', { nullable: true }) championVersion!: number | null;
  /** Who has to say yes, by the policy it was asked under; null from before anybody could choose: one approver. */
  @Column('jsonb', { nullable: true }) approvals!: ApprovalRequirement[] | null;
  @Column('jsonb', { nullable: true }) approval!: ApprovalVote | null;
  /** What the gates said as it was decided; null before that, and where nobody had to ask them. */
  @Column('jsonb', { nullable: true }) decision!: DecisionRecord | null;
  @Column('uuid', { nullable: true }) rolloutId!: string | null;
  /** It was rolled back, or a gateway refused to load it: not tried again in the environment without an override. */
  @Column('boolean') isMarked!: boolean;
  /** The policy it was asked under; 0 or null when the model had none of its own. */
  @Column('int', { nullable: true }) policyRevision!: number | null;
  /** Without a decision it ends then. */
  @Column('timestamptz', { nullable: true }) expiresAt!: Date | null;
  @Column('jsonb') reasons!: string[];
  @Column('timestamptz') createdAt!: Date;
  @Column('timestamptz', { nullable: true }) decidedAt!: Date | null;
  @Column('timestamptz', { nullable: true }) endedAt!: Date | null;
}
