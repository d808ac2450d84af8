import { UploadEntity } from '@bascule/uploads';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A model file that arrives in pieces. */
@Entity('artifact_uploads')
export class ArtifactUploadEntity extends UploadEntity {
  @PrimaryColumn('uuid', { name: 'upload_id' }) id!: string;
  /** The SHA-256 that its sender announced. */
  @Column('text', { nullable: true }) announcedDigest!: string | null;
  /** Digest of the artifact it became. */
  @Column('text', { name: 'artifact_digest', nullable: true }) became!: string | null;
}
