import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One signature of a version; the last one counts. Its bundle lies in the object store. */
@Entity('version_signatures')
export class VersionSignatureEntity {
  @PrimaryColumn('uuid') signatureId!: string;
  @Column('text') modelName!: string;
  @Column('int') version!: number;
  @Column('text') keyId!: string;
  @Column('text') bundleDigest!: string;
  @Column('text') signedBy!: string;
  @Column('timestamptz') createdAt!: Date;
}
