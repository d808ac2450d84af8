import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A public key that is trusted, or no longer, to say what a model was made from. */
@Entity('provenance_keys')
export class ProvenanceKeyEntity {
  @PrimaryColumn('text') keyId!: string;
  /** PEM. */
  @Column('text') publicKey!: string;
  @Column('timestamptz') createdAt!: Date;
  /** Since then nothing it ever signed counts. */
  @Column('timestamptz', { nullable: true }) revokedAt!: Date | null;
  @Column('text') changedBy!: string;
  @Column('text') reason!: string;
}
