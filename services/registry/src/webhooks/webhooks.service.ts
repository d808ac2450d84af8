import { type Credential, matchesAny, requireModel } from '@bascule/access';
import { type WebhookChanged, webhookChanged } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Outbox } from '@bascule/outbox';
import { Clock, CONFIG, newId } from '@bascule/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../config.js';
import { webhookAddressRefused, webhookExists, webhookNotFound } from '../errors.js';
import { isAllowedUrl } from './allowed-address.js';
import { WebhookEntity } from './webhook.entity.js';
import { WebhookSecrets } from './webhook-secrets.service.js';
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
    private readonly secrets: WebhookSecrets,
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
  async add(body: CreateWebhook, { identity, models }: Credential): Promise<{ webhook: WebhookEntity; secret: string }> {
    this.refuseAddress(body.url);
    const secret = newWebhookSecret();
    const webhookId = newId();
    return this.transactions.run(async (manager) => {
      const secrets = [await this.secrets.seal(secret, webhookId)];
      const about = { webhookId, isEnabled: true, ownerModels: [...models], secrets };
      const row = { ...body, ...about, createdBy: identity, createdAt: this.clock.now() };
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

  async change(webhookId: string, change: ChangeWebhook, credential: Credential): Promise<WebhookEntity> {
    const { identity, models } = credential;
    if (change.url !== undefined) this.refuseAddress(change.url);
    return this.transactions.run(async (manager) => {
      requireWithin(await this.get(webhookId), credential);
      // whoever says where it goes and what it tells may say so of their own models only
      const isRedirected = change.url !== undefined || change.events !== undefined || change.models !== undefined;
      const owner = isRedirected ? { ownerModels: [...models] } : {};
      if (Object.keys(change).length > 0) await manager.update(WebhookEntity, { webhookId }, { ...change, ...owner });
      const webhook = await this.get(webhookId);
      await this.tell(webhook, 'changed', identity);
      return webhook;
    });
  }

  /** Makes a new secret; for a day the old one signs as well, so that a receiver can change over. */
  async rotateSecret(webhookId: string, credential: Credential): Promise<{ webhook: WebhookEntity; secret: string }> {
    const { identity } = credential;
    const secret = newWebhookSecret();
    return this.transactions.run(async (manager) => {
      const webhook = await this.get(webhookId);
      requireWithin(webhook, credential);
      const goodUntil = new Date(this.clock.now().getTime() + overlapMs).toISOString();
      const former = webhook.secrets.filter((one) => one.goodUntil === null).map((one) => ({ ...one, goodUntil }));
      const secrets = [await this.secrets.seal(secret, webhookId), ...former];
      await manager.update(WebhookEntity, { webhookId }, { secrets });
      await this.tell(webhook, 'secret-rotated', identity);
      return { webhook: Object.assign(webhook, { secrets }), secret };
    });
  }

  /** Encrypts every secret with a new key. @returns how many webhooks that were */
  async renewKey({ identity }: Credential): Promise<number> {
    return this.transactions.run(async () => {
      const sealed = await this.secrets.renewKey();
      for (const webhook of sealed) await this.tell(webhook, 'secret-sealed', identity);
      return sealed.length;
    });
  }

  /** Removes an address with all its messages. */
  async remove(webhookId: string, credential: Credential): Promise<void> {
    const { identity } = credential;
    await this.transactions.run(async (manager) => {
      const webhook = await this.get(webhookId);
      requireWithin(webhook, credential);
      await manager.delete(WebhookEntity, { webhookId });
      await this.tell(webhook, 'removed', identity);
    });
  }

  private refuseAddress(url: string): void {
    const { WEBHOOK_HOSTS: hosts, WEBHOOK_NETWORKS: networks } = this.config;
    if (!isAllowedUrl(url, { hosts, networks })) throw webhookAddressRefused({ host: new URL(url).hostname });
  }

  private async tell(webhook: WebhookEntity, change: WebhookChanged['data']['change'], changedBy: string): Promise<void> {
    const { webhookId, name, url, events, models } = webhook;
    await this.outbox.publish({ definition: webhookChanged, data: { webhookId, name, url, events, models, change, changedBy } });
  }
}

/** Whoever takes its secret, or stops it, does so for all that it tells: of the models of its owner, and of those it names. */
function requireWithin({ models, ownerModels }: WebhookEntity, credential: Credential): void {
  if (models.every((pattern) => matchesAny(credential.models, pattern))) return;
  for (const pattern of ownerModels) requireModel(credential, pattern);
}
