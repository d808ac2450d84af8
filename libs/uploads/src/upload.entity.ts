import { Column } from 'typeorm';

/** What is kept of any upload that can be resumed; a service's entity adds its key (`id`) and its own columns. */
export abstract class UploadEntity {
  abstract id: string;

  @Column('bigint', { transformer: { to: (value: number) => value, from: Number } })
  lengthBytes!: number;

  @Column('text')
  sentBy!: string;

  /** The id or digest of what it became; null while bytes are missing. */
  abstract became: string | null;

  @Column('timestamptz')
  createdAt!: Date;

  @Column('timestamptz')
  expiresAt!: Date;
}

/** An upload and how much of it is there. */
export interface UploadState<U extends UploadEntity> {
  readonly upload: U;
  readonly offsetBytes: number;
}
