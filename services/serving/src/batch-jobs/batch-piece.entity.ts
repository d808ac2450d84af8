import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Some rows of a batch job, predicted by one gateway. */
@Entity('batch_pieces')
export class BatchPieceEntity {
  @PrimaryColumn('uuid') jobId!: string;
  /** From 0, in the order of the rows. */
  @PrimaryColumn('int') piece!: number;
  @Column('int') rowCount!: number;
  @Column('text') inputDigest!: string;
  /** `queued`: a gateway has it or will get it. */
  @Column('text') status!: 'waiting' | 'queued' | 'finished';
  /** Times it was put into the queue. */
  @Column('int') announcements!: number;
  @Column('timestamptz', { nullable: true }) announcedAt!: Date | null;
  @Column('text', { nullable: true }) resultDigest!: string | null;
  @Column('int') failedCount!: number;
  @Column('timestamptz', { nullable: true }) finishedAt!: Date | null;
}
