import type { LoadTestRequested } from '@bascule/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A load test that a gateway was asked for. */
@Entity('load_tests')
export class LoadTestEntity {
  @PrimaryColumn('uuid') loadTestId!: string;
  @Column('text') modelName!: string;
  @Column('int') version!: number;
  @Column('jsonb') plan!: LoadTestRequested['data']['plan'];
  @Column('text') requestedBy!: string;
  @Column('text') status!: 'requested' | 'measured' | 'failed';
  /** Why it could not be carried out. */
  @Column('jsonb') reasons!: string[];
  /** Where what was measured is on record. */
  @Column('uuid', { nullable: true }) evidenceId!: string | null;
  @Column('timestamptz') createdAt!: Date;
  /** Without a word of a gateway until then it failed. */
  @Column('timestamptz') expiresAt!: Date;
  @Column('timestamptz', { nullable: true }) endedAt!: Date | null;
}
