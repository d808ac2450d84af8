import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { PromotionPolicy } from './policy.schema.js';

/** One revision of the policy of a model; the last one holds. */
@Entity('promotion_policies')
export class PolicyEntity {
  @PrimaryColumn('text') modelName!: string;
  @PrimaryColumn('int') revision!: number;
  @Column('jsonb') policy!: PromotionPolicy;
  @Column('text') changedBy!: string;
  @Column('text') reason!: string;
  @Column('timestamptz') createdAt!: Date;
}
