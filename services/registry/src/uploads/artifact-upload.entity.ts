import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A model file that arrives in pieces. */
@Entity('artifact_uploads')
export class ArtifactUploadEntity {
  @PrimaryColumn('uuid') uploadId!: string;
  @Column({ type: 'bigint', transformer: { to: (value: number) => value, from: Number } }) lengthBytes!: number;
  /** The SHA-256 that its sender announced. */
  @Column('text', { nullable: true }) announcedDigest!: string | null;
  @Column('text') sentBy!: string;
  /** The artifact it became; none while bytes are missing. */
  @Column('text', { nullable: true }) artifactDigest!: string | null;
  @Column('timestamptz') createdAt!: Date;
  @Column('timestamptz') expiresAt!: Date;
}
