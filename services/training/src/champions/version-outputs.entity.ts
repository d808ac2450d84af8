import type { ModelSignature } from '@bascule/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What a version gives, as its signature says: a model can be compared with one that tells the same. */
@Entity('version_outputs')
export class VersionOutputsEntity {
  @PrimaryColumn('text')
  modelName!: string;

  @PrimaryColumn('integer')
  version!: number;

  @Column('jsonb')
  outputs!: ModelSignature['outputs'];
}
