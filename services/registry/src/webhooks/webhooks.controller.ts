import { Credential, modelNotAllowed, Roles } from '@bascule/access';
import { uuid } from '@bascule/contracts';
import { ApiOperation, ApiResponse, ApiTags, type Page, Problems } from '@bascule/platform';
import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { deliveryNotFound, webhookAddressRefused, webhookExists, webhookNotFound } from '../errors.js';
import { DeliveriesService } from './deliveries.service.js';
import {
  type ChangeWebhook,
  type CreateWebhook,
  changeWebhook,
  createWebhook,
  type DeliveriesQuery,
  type DeliveryView,
  deliveriesQuery,
  deliveryPage,
  deliverySchema,
  deliveryView,
  type ReplayBody,
  renewedKey,
  replayBody,
  replayed,
  type WebhookView,
  webhookPage,
  webhookSchema,
  webhookView,
} from './webhooks.schema.js';
import { WebhooksService } from './webhooks.service.js';

@ApiTags('webhooks')
@Controller('v1/webhooks')
@Roles('admin')
export class WebhooksController {
  constructor(
    private readonly webhooks: WebhooksService,
    private readonly deliveries: DeliveriesService,
  ) {}

  @Get()
  @Roles('admin', 'operator', 'auditor')
  @ApiOperation({ summary: 'Addresses outside that are told of events' })
  @ApiResponse({ status: 200, standardSchema: webhookPage })
  async list(): Promise<Page<WebhookView>> {
    return { items: (await this.webhooks.list()).map(webhookView), nextCursor: null };
  }

  @Post()
  @ApiOperation({ summary: 'Have an address told of events, signed by Standard Webhooks; the answer shows the secret once' })
  @ApiResponse({ status: 201, standardSchema: webhookSchema })
  @Problems(webhookAddressRefused, webhookExists)
  async add(@Credential() credential: Credential, @Body({ schema: createWebhook }) body: CreateWebhook): Promise<WebhookView> {
    const { webhook, secret } = await this.webhooks.add(body, credential);
    return { ...webhookView(webhook), secret };
  }

  @Patch(':webhookId')
  @ApiOperation({ summary: 'Change address, events or models, or switch it off and on again' })
  @ApiResponse({ status: 200, standardSchema: webhookSchema })
  @Problems(modelNotAllowed, webhookAddressRefused, webhookNotFound)
  async change(
    @Credential() credential: Credential,
    @Param('webhookId', { schema: uuid }) webhookId: string,
    @Body({ schema: changeWebhook }) body: ChangeWebhook,
  ): Promise<WebhookView> {
    return webhookView(await this.webhooks.change(webhookId, body, credential));
  }

  @Post(':webhookId/secret')
  @ApiOperation({ summary: 'Make a new secret; for a day messages carry signatures by both' })
  @ApiResponse({ status: 201, standardSchema: webhookSchema })
  @Problems(modelNotAllowed, webhookNotFound)
  async rotate(@Credential() credential: Credential, @Param('webhookId', { schema: uuid }) webhookId: string): Promise<WebhookView> {
    const { webhook, secret } = await this.webhooks.rotateSecret(webhookId, credential);
    return { ...webhookView(webhook), secret };
  }

  @Post('encryption-key')
  @HttpCode(200)
  @ApiOperation({ summary: 'Make a new key for the encryption of all secrets and encrypt them with it; the secrets stay' })
  @ApiResponse({ status: 200, standardSchema: renewedKey })
  async renewKey(@Credential() credential: Credential): Promise<{ count: number }> {
    return { count: await this.webhooks.renewKey(credential) };
  }

  @Delete(':webhookId')
  @HttpCode(204)
  @ApiOperation({ summary: 'Remove an address and all messages to it' })
  @Problems(modelNotAllowed, webhookNotFound)
  async remove(@Credential() credential: Credential, @Param('webhookId', { schema: uuid }) webhookId: string): Promise<void> {
    await this.webhooks.remove(webhookId, credential);
  }

  @Get(':webhookId/deliveries')
  @Roles('admin', 'operator', 'auditor')
  @ApiOperation({ summary: 'Messages to an address and how they fared, newest first' })
  @ApiResponse({ status: 200, standardSchema: deliveryPage })
  @Problems(webhookNotFound)
  async listDeliveries(
    @Credential() { models }: Credential,
    @Param('webhookId', { schema: uuid }) webhookId: string,
    @Query({ schema: deliveriesQuery }) query: DeliveriesQuery,
  ): Promise<Page<DeliveryView>> {
    await this.webhooks.get(webhookId);
    const page = await this.deliveries.list(webhookId, models, query);
    return { items: page.items.map(deliveryView), nextCursor: page.nextCursor };
  }

  @Post(':webhookId/deliveries/:deliveryId/replay')
  @HttpCode(200)
  @Roles('admin', 'operator')
  @ApiOperation({ summary: 'Send a message again, as it was and under its own id' })
  @ApiResponse({ status: 200, standardSchema: deliverySchema })
  @Problems(deliveryNotFound)
  async replay(
    @Credential() { models }: Credential,
    @Param('webhookId', { schema: uuid }) webhookId: string,
    @Param('deliveryId', { schema: uuid }) deliveryId: string,
  ): Promise<DeliveryView> {
    return deliveryView(await this.deliveries.replay(webhookId, deliveryId, models));
  }

  @Post(':webhookId/replay')
  @HttpCode(200)
  @Roles('admin', 'operator')
  @ApiOperation({ summary: 'Send again what was made in a time: what was given up, or everything' })
  @ApiResponse({ status: 200, standardSchema: replayed })
  @Problems(webhookNotFound)
  async replayAll(
    @Credential() { models }: Credential,
    @Param('webhookId', { schema: uuid }) webhookId: string,
    @Body({ schema: replayBody }) body: ReplayBody,
  ): Promise<{ count: number }> {
    await this.webhooks.get(webhookId);
    return { count: await this.deliveries.replayAll(webhookId, models, body) };
  }
}
