import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A model file that was uploaded here; its bytes lie in the object store. */
@Entity('artifacts')
export class ArtifactEntity {
  @PrimaryColumn('text') digest!: string;
  @Column('bigint') sizeBytes!: string;
  @Column('text') uploadedBy!: string;
  @Column('timestamptz') createdAt!: Date;
}
