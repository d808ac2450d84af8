import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One message to one address: it stays until it is delivered, given up or sent again. */
@Entity('webhook_deliveries')
export class DeliveryEntity {
  @PrimaryColumn('uuid') deliveryId!: string;
  @Column('uuid') webhookId!: string;
  /** Of the event, the same in every try: by it a receiver knows what it has seen. */
  @Column('text') messageId!: string;
  @Column('text') messageType!: string;
  @Column('text') modelName!: string;
  /** Exactly what is signed and sent. */
  @Column('text') body!: string;
  @Column('text') status!: 'pending' | 'delivered' | 'given-up';
  @Column('int') attempts!: number;
  @Column('timestamptz') nextAt!: Date;
  /** Status or error of the last try. */
  @Column('text', { nullable: true }) lastAnswer!: string | null;
  @Column('timestamptz') createdAt!: Date;
  @Column('timestamptz', { nullable: true }) settledAt!: Date | null;
}
