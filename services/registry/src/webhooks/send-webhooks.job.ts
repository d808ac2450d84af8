import { Clock, CONFIG, Logger, Metrics } from '@bascule/platform';
import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { Config } from '../config.js';
import { DeliveriesService } from './deliveries.service.js';
import type { DeliveryEntity } from './delivery.entity.js';
import type { TryEnd } from './delivery-outcome.js';
import { sendWebhook } from './send-webhook.js';
import type { WebhookEntity } from './webhook.entity.js';
import { WebhookSecrets } from './webhook-secrets.service.js';

const pollMs = 1_000;
const atOnce = 16;
const timeoutMs = 15_000;
/** Longer than any try: what is still unsettled then belongs to a sender that is gone. */
const leaseMs = 2 * timeoutMs;
const forgetMs = 3_600_000;

/** Sends what is due, in every registry: each message is taken by one. */
@Injectable()
export class SendWebhooksJob implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private isStopping = false;
  private wake: () => void = () => undefined;
  private loop: Promise<void> = Promise.resolve();
  private forgottenAt = 0;
  private readonly tried;

  constructor(
    private readonly deliveries: DeliveriesService,
    private readonly secrets: WebhookSecrets,
    private readonly clock: Clock,
    private readonly log: Logger,
    @Inject(CONFIG) private readonly config: Config,
    metrics: Metrics,
  ) {
    this.tried = metrics.counter('bascule_webhook_tries_total', 'Tries to tell an address outside of an event');
  }

  onApplicationBootstrap(): void {
    this.deliveries.whenNew(() => this.wake());
    this.loop = this.run();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.isStopping = true;
    this.wake();
    await this.loop;
  }

  private async run(): Promise<void> {
    while (!this.isStopping) {
      let count = 0;
      try {
        count = await this.sendDue();
        if (Date.now() - this.forgottenAt > forgetMs) {
          this.forgottenAt = Date.now();
          await this.deliveries.forget(this.config.WEBHOOK_KEEP_DAYS);
        }
      } catch (error) {
        this.log.warn({ err: error }, 'webhooks were not sent; tried again soon');
      }
      if (count < atOnce && !this.isStopping) await this.pause();
    }
  }

  private async sendDue(): Promise<number> {
    const due = await this.deliveries.take(atOnce, leaseMs);
    await Promise.all(
      due.map(async ({ delivery, webhook }) => {
        const end: TryEnd = webhook.isEnabled ? await this.send(delivery, webhook) : { status: 410 };
        this.tried.add(1);
        await this.deliveries.settle(delivery, end);
      }),
    );
    return due.length;
  }

  private async send({ messageId, body }: DeliveryEntity, webhook: WebhookEntity): Promise<TryEnd> {
    const sentAt = this.clock.now();
    const { WEBHOOK_NETWORKS: networks } = this.config;
    try {
      const secrets = await this.secrets.open(webhook, sentAt);
      return await sendWebhook({ url: webhook.url, messageId, body, secrets, sentAt, timeoutMs, networks });
    } catch (error) {
      this.log.error({ err: error, webhookId: webhook.webhookId }, 'the secret of a webhook cannot be read; make it a new one');
      return { error: `its secret cannot be read: ${(error as Error).message}` };
    }
  }

  private pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, pollMs);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
