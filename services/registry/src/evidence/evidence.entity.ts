import type { EvidenceKind } from '@bascule/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { EvidenceBody } from './evidence.schema.js';

/** One piece of evidence about a version, or about a model as it runs; nothing replaces it, a later one of its name counts. */
@Entity('evidence')
export class EvidenceEntity {
  @PrimaryColumn('uuid') evidenceId!: string;
  @Column('text') modelName!: string;
  @Column('int', { nullable: true }) version!: number | null;
  @Column('text') kind!: EvidenceKind;
  /** What of its kind it is about: the document, the attribute and metric; empty where there is one only. */
  @Column('text') name!: string;
  @Column('text') origin!: 'measured' | 'declared';
  @Column('text') recordedBy!: string;
  @Column('jsonb') body!: EvidenceBody;
  @Column('timestamptz') createdAt!: Date;
}
