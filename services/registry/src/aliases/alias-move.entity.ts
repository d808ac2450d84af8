import type { Environment } from '@bascule/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What spoke for a move, as it was known then. */
export type MoveEvidence = Record<string, unknown>;

/** One stay of an alias at a version, or at none after it was removed: from inclusive, to exclusive, open while it lasts. */
@Entity('alias_moves')
export class AliasMoveEntity {
  @PrimaryColumn('uuid') moveId!: string;
  @Column('text') modelName!: string;
  @Column('text') environment!: Environment;
  @Column('text') alias!: string;
  @Column('int', { nullable: true }) version!: number | null;
  @Column('int', { nullable: true }) previousVersion!: number | null;
  @Column('timestamptz') fromAt!: Date;
  @Column('timestamptz', { nullable: true }) toAt!: Date | null;
  @Column('uuid', { nullable: true }) promotionId!: string | null;
  @Column('uuid', { nullable: true }) rolloutId!: string | null;
  @Column('text', { nullable: true }) movedBy!: string | null;
  @Column('text', { nullable: true }) reason!: string | null;
  @Column('jsonb', { nullable: true }) evidence!: MoveEvidence | null;
}
