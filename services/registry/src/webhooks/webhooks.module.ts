import { Module } from '@nestjs/common';
import { DeliveriesService } from './deliveries.service.js';
import { SecretKeyFile } from './secret-key.store.js';
import { SendWebhooksJob } from './send-webhooks.job.js';
import { WebhookSecrets } from './webhook-secrets.service.js';
import { WebhooksController } from './webhooks.controller.js';
import { WebhooksService } from './webhooks.service.js';

@Module({
  controllers: [WebhooksController],
  providers: [SecretKeyFile, WebhookSecrets, WebhooksService, DeliveriesService, SendWebhooksJob],
  exports: [DeliveriesService],
})
export class WebhooksModule {}
