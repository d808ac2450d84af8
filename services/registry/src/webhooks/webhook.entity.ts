import { Column, Entity, PrimaryColumn } from 'typeorm';

export interface WebhookSecret {
  /** Encrypted with a key that is in a file. */
  readonly sealed: string;
  /** Signs until then, beside its successor; null for the one of now. */
  readonly goodUntil: string | null;
}

/** An address outside that is told of events. */
@Entity('webhooks')
export class WebhookEntity {
  @PrimaryColumn('uuid') webhookId!: string;
  @Column('text') name!: string;
  @Column('text') url!: string;
  /** Types of events; empty: all that are told. */
  @Column('text', { array: true }) events!: string[];
  /** Patterns of the names of models. */
  @Column('text', { array: true }) models!: string[];
  @Column('bool') isEnabled!: boolean;
  /** Patterns of the key that made or changed it last: it is told of nothing else. */
  @Column('text', { array: true }) ownerModels!: string[];
  /** Needed to sign, so no hash: encrypted, and nobody is shown them twice. */
  @Column('jsonb') secrets!: WebhookSecret[];
  @Column('text') createdBy!: string;
  @Column('timestamptz') createdAt!: Date;
}
