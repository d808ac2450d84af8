import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';
import type { OdcsContract } from './odcs.schema.js';

@Entity('contracts')
export class ContractEntity {
  @PrimaryColumn('text')
  name!: string;

  @PrimaryColumn('int')
  version!: number;

  @Column('text')
  contentDigest!: string;

  @Column('json')
  document!: OdcsContract;

  @Column('text')
  createdBy!: string;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt!: Date;
}
