import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn } from 'typeorm';

@Entity('datasets')
export class DatasetEntity {
  @PrimaryColumn('text')
  name!: string;

  @Column('text')
  contractName!: string;

  @Column('text', { nullable: true })
  currentVersion!: string | null;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt!: Date;

  @UpdateDateColumn({ type: 'timestamptz' })
  updatedAt!: Date;
}
