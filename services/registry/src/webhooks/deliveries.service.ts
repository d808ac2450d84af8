import { matchesAny } from '@bascule/access';
import { type EventEnvelope, webhookGivenUp } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Outbox } from '@bascule/outbox';
import { Clock, CONFIG, decodeCursor, newId, type Page, pageOf } from '@bascule/platform';
import { Inject, Injectable } from '@nestjs/common';
import { type FindOptionsWhere, In, LessThan } from 'typeorm';
import { z } from 'zod';
import type { Config } from '../config.js';
import { deliveryNotFound } from '../errors.js';
import { DeliveryEntity } from './delivery.entity.js';
import { settleTry, type TryEnd } from './delivery-outcome.js';
import { WebhookEntity } from './webhook.entity.js';
import type { DeliveriesQuery, ReplayBody } from './webhooks.schema.js';

/** Messages to addresses outside: written with the event they tell of, tried until somebody takes them. */
@Injectable()
export class DeliveriesService {
  private onNew: () => void = () => undefined;

  constructor(
    private readonly transactions: Transactions,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Called when there may be something to send. */
  whenNew(wake: () => void): void {
    this.onNew = wake;
  }

  /** Writes a message per address that wants to know; the same event again writes none. */
  async enqueue(event: EventEnvelope<object>): Promise<void> {
    await this.transactions.run(async (manager) => {
      const webhooks = await manager.findBy(WebhookEntity, { isEnabled: true });
      if (webhooks.length === 0) return;
      const modelName = await this.modelOf(event.data);
      const now = this.clock.now();
      const { id, type, time, subject, correlationid, data } = event;
      const body = JSON.stringify({ type, timestamp: time, id, subject, correlationId: correlationid, data });
      const rows = webhooks
        .filter(({ events }) => events.length === 0 || events.includes(type))
        .filter(({ models, ownerModels }) => matchesAny(models, modelName) && matchesAny(ownerModels, modelName))
        .map(({ webhookId }) => ({
          deliveryId: newId(),
          webhookId,
          messageId: id,
          messageType: type,
          modelName,
          body,
          status: 'pending' as const,
          attempts: 0,
          nextAt: now,
          lastAnswer: null,
          createdAt: now,
          settledAt: null,
        }));
      if (rows.length === 0) return;
      await manager.createQueryBuilder().insert().into(DeliveryEntity).values(rows).orIgnore().execute();
      this.transactions.afterCommit(() => this.onNew());
    });
  }

  /** Takes what is due: for so long nobody else does. A sender that dies leaves it due again, with one try more on the count. */
  async take(limit: number, leaseMs: number): Promise<{ delivery: DeliveryEntity; webhook: WebhookEntity }[]> {
    return this.transactions.run(async (manager) => {
      const now = this.clock.now();
      const due = await manager
        .createQueryBuilder(DeliveryEntity, 'delivery')
        .where("delivery.status = 'pending' and delivery.nextAt <= :now", { now })
        .orderBy('delivery.nextAt')
        .limit(limit)
        .setLock('pessimistic_write')
        .setOnLocked('skip_locked')
        .getMany();
      const webhooks = new Map((await manager.find(WebhookEntity)).map((webhook) => [webhook.webhookId, webhook]));
      const nextAt = new Date(now.getTime() + leaseMs);
      const taken = due.flatMap((delivery) => {
        const webhook = webhooks.get(delivery.webhookId);
        return webhook ? [{ delivery: Object.assign(delivery, { attempts: delivery.attempts + 1, nextAt }), webhook }] : [];
      });
      for (const { delivery } of taken) {
        const { deliveryId, attempts } = delivery;
        await manager.update(DeliveryEntity, { deliveryId }, { attempts, nextAt });
      }
      return taken;
    });
  }

  /** Writes down how a try ended and what follows. */
  async settle({ deliveryId, webhookId, messageId, messageType, attempts }: DeliveryEntity, end: TryEnd): Promise<void> {
    const settled = settleTry(end, attempts, this.config.WEBHOOK_RETRY_DELAYS_MS, Math.random());
    const now = this.clock.now();
    const lastAnswer = settled.answer.slice(0, 500);
    await this.transactions.run(async (manager) => {
      const change =
        settled.outcome === 'again'
          ? { lastAnswer, nextAt: new Date(now.getTime() + settled.afterMs) }
          : { lastAnswer, status: settled.outcome, settledAt: now };
      const { affected } = await manager.update(DeliveryEntity, { deliveryId, status: 'pending', attempts }, change);
      if (affected === 0 || settled.outcome !== 'given-up') return;
      if (settled.isGone) await manager.update(WebhookEntity, { webhookId }, { isEnabled: false });
      await this.outbox.publish({
        definition: webhookGivenUp,
        data: { webhookId, deliveryId, messageId, messageType, attempts, reason: lastAnswer },
      });
    });
  }

  /** Messages to an address about models of some patterns, newest first. */
  async list(webhookId: string, patterns: readonly string[], { limit, cursor, status }: DeliveriesQuery): Promise<Page<DeliveryEntity>> {
    const seen = await this.modelsOf(webhookId, patterns);
    const where: FindOptionsWhere<DeliveryEntity> = { webhookId, ...(seen && { modelName: In(seen) }), ...(status ? { status } : {}) };
    if (cursor !== undefined) where.deliveryId = LessThan(decodeCursor(cursor, z.uuid()));
    const found = await this.transactions.manager.find(DeliveryEntity, { where, order: { deliveryId: 'DESC' }, take: limit + 1 });
    return pageOf(found, limit, (last) => last.deliveryId);
  }

  /** Sends one message again, as it was and under its own id. */
  async replay(webhookId: string, deliveryId: string, patterns: readonly string[]): Promise<DeliveryEntity> {
    return this.transactions.run(async (manager) => {
      const seen = await this.modelsOf(webhookId, patterns);
      const where = { webhookId, deliveryId, ...(seen && { modelName: In(seen) }) };
      const { affected } = await manager.update(DeliveryEntity, where, this.freshly());
      if (affected === 0) throw deliveryNotFound({ delivery: deliveryId });
      this.transactions.afterCommit(() => this.onNew());
      return manager.findOneByOrFail(DeliveryEntity, { deliveryId });
    });
  }

  /** Sends again what was made in a time, all of it or what was given up. @returns how many */
  async replayAll(webhookId: string, patterns: readonly string[], { from, to, onlyGivenUp }: ReplayBody): Promise<number> {
    return this.transactions.run(async (manager) => {
      const modelNames = await this.modelsOf(webhookId, patterns);
      if (modelNames?.length === 0) return 0;
      const query = manager
        .createQueryBuilder()
        .update(DeliveryEntity)
        .set(this.freshly())
        .where('webhookId = :webhookId and createdAt >= :from', { webhookId, from });
      if (modelNames) query.andWhere('modelName in (:...modelNames)', { modelNames });
      if (to !== undefined) query.andWhere('createdAt < :to', { to });
      query.andWhere('status in (:...wanted)', { wanted: onlyGivenUp ? ['given-up'] : ['given-up', 'delivered'] });
      const { affected } = await query.execute();
      this.transactions.afterCommit(() => this.onNew());
      return affected ?? 0;
    });
  }

  /** Forgets what was delivered long ago. */
  async forget(keepDays: number): Promise<void> {
    await this.transactions.run((manager) =>
      manager.query("delete from webhook_deliveries where status = 'delivered' and settled_at < now() - make_interval(days => $1)", [
        keepDays,
      ]),
    );
  }

  /** Models of the messages to an address that fit; undefined where all do, and no message has to be looked at. */
  private async modelsOf(webhookId: string, patterns: readonly string[]): Promise<string[] | undefined> {
    if (patterns.includes('*')) return undefined;
    const names = (await this.transactions.manager.query(
      'select distinct model_name as name from webhook_deliveries where webhook_id = $1',
      [webhookId],
    )) as { name: string }[];
    return names.map(({ name }) => name).filter((name) => matchesAny(patterns, name));
  }

  private freshly() {
    return { status: 'pending' as const, attempts: 0, nextAt: this.clock.now(), settledAt: null };
  }

  /** The model an event is about; votes name the promotion only. */
  private async modelOf(data: object): Promise<string> {
    const { modelName, promotionId } = data as { modelName?: string; promotionId?: string };
    if (modelName !== undefined) return modelName;
    const [row] = (await this.transactions.manager.query('select model_name from promotions where promotion_id = $1', [promotionId])) as {
      model_name: string;
    }[];
    return row?.model_name ?? '';
  }
}
