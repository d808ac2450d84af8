import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The public half of a key that signs models; the private half lies in a file. */
@Entity('signing_keys')
export class SigningKeyEntity {
  @PrimaryColumn('text') keyId!: string;
  /** PEM. */
  @Column('text') publicKey!: string;
  @Column('timestamptz') createdAt!: Date;
  /** Since then it signs nothing new; what it signed stays good. */
  @Column('timestamptz', { nullable: true }) retiredAt!: Date | null;
  /** Since then nothing it ever signed is good. */
  @Column('timestamptz', { nullable: true }) revokedAt!: Date | null;
  @Column('text') changedBy!: string;
  @Column('text') reason!: string;
}
