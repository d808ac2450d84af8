import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A model file that was uploaded here; its bytes lie in the object store. */
@Entity('artifacts')
export class ArtifactEntity {
  @PrimaryColumn('text') digest!: string;
  @Column('bigint') sizeBytes!: string;
  @Column('text') uploadedBy!: string;
  /** The object store held these bytes before they were uploaded: somebody else may need them. */
  @Column('bool') wasThere!: boolean;
  @Column('timestamptz') createdAt!: Date;
}
