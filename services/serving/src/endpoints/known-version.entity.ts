import type { ModelSignature } from '@bascule/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A registered version, as its events tell: what a shadow is loaded by. */
@Entity('known_versions')
export class KnownVersion {
  @PrimaryColumn('text') modelName!: string;
  @PrimaryColumn('int') version!: number;
  /** Null while only its archiving is known: events of two readers may come in any order. */
  @Column('text', { nullable: true }) artifactDigest!: string | null;
  @Column('int', { nullable: true }) artifactSizeBytes!: number | null;
  @Column('jsonb', { nullable: true }) signature!: ModelSignature | null;
  @Column('boolean') isArchived!: boolean;
}
