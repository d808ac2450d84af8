import type { AccessLimits, Role } from '@bascule/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A credential; the secret itself is never stored. */
@Entity('access_keys')
export class AccessKey {
  @PrimaryColumn('text')
  keyId!: string;

  @Column('text')
  identity!: string;

  @Column('text')
  secretHash!: string;

  @Column('text', { array: true })
  roles!: Role[];

  @Column('text', { array: true })
  models!: string[];

  @Column('text', { array: true })
  datasets!: string[];

  @Column('jsonb', { nullable: true })
  limits!: AccessLimits | null;

  @Column('timestamptz')
  createdAt!: Date;

  @Column('text')
  createdBy!: string;

  @Column('timestamptz', { nullable: true })
  revokedAt!: Date | null;

  @Column('text', { nullable: true })
  revokedBy!: string | null;
}
