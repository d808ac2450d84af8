import type { Credential } from '@bascule/access';
import { webhookChanged } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Outbox } from '@bascule/outbox';
import { Clock, CONFIG, newId } from '@bascule/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../config.js';
import { webhookAddressRefused, webhookExists, webhookNotFound } from '../errors.js';
import { isAllowedAddress } from './allowed-address.js';
import { WebhookEntity } from './webhook.entity.js';
import { newWebhookSecret } from './webhook-signature.js';
import type { ChangeWebhook, CreateWebhook } from './webhooks.schema.js';

/** For so long the secret before the last one signs as well. */
const overlapMs = 86_400_000;

/** Addresses outside that are told of events. */
@Injectable()
export class WebhooksService {
  constructor(
    private readonly transactions: Transactions,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  list(): Promise<WebhookEntity[]> {
    return this.transactions.manager.find(WebhookEntity, { order: { name: 'ASC' } });
  }

  async get(webhookId: string): Promise<WebhookEntity> {
    const found = await this.transactions.manager.findOneBy(WebhookEntity, { webhookId });
    if (!found) throw webhookNotFound({ webhook: webhookId });
    return found;
  }

  /** Adds an address. Its secret is in the answer and nowhere else afterwards. */
  async add(body: CreateWebhook, { identity }: Credential): Promise<{ webhook: WebhookEntity; secret: string }> {
    this.refuseAddress(body.url);
    const secret = newWebhookSecret();
    return this.transactions.run(async (manager) => {
      const secrets = [{ secret, goodUntil: null }];
      const row = { ...body, webhookId: newId(), isEnabled: true, secrets, createdBy: identity, createdAt: this.clock.now() };
      const added = await manager
        .createQueryBuilder()
        .insert()
        .into(WebhookEntity)
        .values(row)
        .orIgnore()
        .returning('webhook_id')
        .execute();
      if ((added.raw as unknown[]).length === 0) throw webhookExists({ name: body.name });
      const webhook = manager.create(WebhookEntity, row);
      await this.tell(webhook, 'added', identity);
      return { webhook, secret };
    });
  }

  async change(webhookId: string, change: ChangeWebhook, { identity }: Credential): Promise<WebhookEntity> {
    if (change.url !== undefined) this.refuseAddress(change.url);
    return this.transactions.run(async (manager) => {
      if (Object.keys(change).length > 0) await manager.update(WebhookEntity, { webhookId }, change);
      const webhook = await this.get(webhookId);
      await this.tell(webhook, 'changed', identity);
      return webhook;
    });
  }

  /** Makes a new secret; for a day the old one signs as well, so that a receiver can change over. */
  async rotateSecret(webhookId: string, { identity }: Credential): Promise<{ webhook: WebhookEntity; secret: string }> {
    const secret = newWebhookSecret();
    return this.transactions.run(async (manager) => {
      const webhook = await this.get(webhookId);
      const goodUntil = new Date(this.clock.now().getTime() + overlapMs).toISOString();
      const former = webhook.secrets.filter((one) => one.goodUntil === null).map((one) => ({ ...one, goodUntil }));
      const secrets = [{ secret, goodUntil: null }, ...former];
      await manager.update(WebhookEntity, { webhookId }, { secrets });
      await this.tell(webhook, 'secret-rotated', identity);
      return { webhook: Object.assign(webhook, { secrets }), secret };
    });
  }

  /** Removes an address with all its messages. */
  async remove(webhookId: string, { identity }: Credential): Promise<void> {
    await this.transactions.run(async (manager) => {
      const webhook = await this.get(webhookId);
      await manager.delete(WebhookEntity, { webhookId });
      await this.tell(webhook, 'removed', identity);
    });
  }

  private refuseAddress(url: string): void {
    if (!isAllowedAddress(url, this.config.WEBHOOK_HOSTS)) throw webhookAddressRefused({ host: new URL(url).hostname });
  }

  private async tell(webhook: WebhookEntity, change: 'added' | 'changed' | 'secret-rotated' | 'removed', changedBy: string): Promise<void> {
    const { webhookId, name, url, events, models } = webhook;
    await this.outbox.publish({ definition: webhookChanged, data: { webhookId, name, url, events, models, change, changedBy } });
  }
}
