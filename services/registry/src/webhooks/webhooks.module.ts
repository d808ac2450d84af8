import { Module } from '@nestjs/common';
import { DeliveriesService } from './deliveries.service.js';
import { SendWebhooksJob } from './send-webhooks.job.js';
import { WebhooksController } from './webhooks.controller.js';
import { WebhooksService } from './webhooks.service.js';

@Module({
  controllers: [WebhooksController],
  providers: [WebhooksService, DeliveriesService, SendWebhooksJob],
  exports: [DeliveriesService],
})
export class WebhooksModule {}
