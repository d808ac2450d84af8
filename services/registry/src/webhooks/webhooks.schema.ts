import { askedInstant, entityName, instant, uuid } from '@bascule/contracts';
import { pageQuery, pageSchema } from '@bascule/platform';
import { z } from 'zod';
import type { DeliveryEntity } from './delivery.entity.js';
import { toldEvents } from './told-events.js';
import type { WebhookEntity } from './webhook.entity.js';

const pattern = z.string().regex(/^[a-z0-9*._-]{1,63}$/, 'a name or a pattern with *');
const address = z
  .url({ protocol: /^https?$/ })
  .max(2000)
  .refine(
    (url) => URL.canParse(url) && new URL(url).username === '' && new URL(url).password === '',
    'no user and password in the address',
  );
const events = z.array(z.enum(toldEvents)).max(toldEvents.length);

/** Body that adds an address. */
export const createWebhook = z
  .strictObject({
    name: entityName,
    url: address,
    /** Types of events; none: all that are told. */
    events: events.default([]),
    /** Patterns of the names of models. */
    models: z.array(pattern).min(1).max(100).default(['*']),
  })
  .meta({ id: 'CreateWebhook' });
export type CreateWebhook = z.infer<typeof createWebhook>;

export const changeWebhook = z
  .strictObject({
    url: address.optional(),
    events: events.optional(),
    models: z.array(pattern).min(1).max(100).optional(),
    isEnabled: z.boolean().optional(),
  })
  .meta({ id: 'ChangeWebhook' });
export type ChangeWebhook = z.infer<typeof changeWebhook>;

/** An address as the API shows it: its secret only to who made it. */
export const webhookSchema = z
  .object({
    webhookId: uuid,
    name: entityName,
    url: z.string(),
    events: z.array(z.string()),
    models: z.array(z.string()),
    isEnabled: z.boolean(),
    createdBy: z.string(),
    createdAt: instant,
    /** Of Standard Webhooks; shown once. */
    secret: z.string().optional(),
  })
  .meta({ id: 'Webhook' });
export type WebhookView = z.infer<typeof webhookSchema>;
export const webhookPage = pageSchema(webhookSchema).meta({ id: 'WebhookPage' });

const status = z.enum(['pending', 'delivered', 'given-up']);
export const deliveriesQuery = pageQuery.extend({ status: status.optional() }).strict();
export type DeliveriesQuery = z.infer<typeof deliveriesQuery>;

export const replayBody = z
  .strictObject({
    /** Messages made since then, and before `to`. */
    from: askedInstant,
    to: askedInstant.optional(),
    /** Only those that were given up, unless it is false. */
    onlyGivenUp: z.boolean().default(true),
  })
  .meta({ id: 'ReplayDeliveries' });
export type ReplayBody = z.infer<typeof replayBody>;
export const replayed = z.object({ count: z.int() }).meta({ id: 'ReplayedDeliveries' });

/** Webhooks whose secrets were encrypted with the new key. */
export const renewedKey = z.object({ count: z.int() }).meta({ id: 'RenewedWebhookKey' });

export const deliverySchema = z
  .object({
    deliveryId: uuid,
    messageId: z.string(),
    messageType: z.string(),
    modelName: z.string(),
    status,
    attempts: z.int(),
    /** When it is tried next, while it is pending. */
    nextAt: instant.nullable(),
    /** Status or error of the last try. */
    lastAnswer: z.string().nullable(),
    createdAt: instant,
    settledAt: instant.nullable(),
  })
  .meta({ id: 'WebhookDelivery' });
export type DeliveryView = z.infer<typeof deliverySchema>;
export const deliveryPage = pageSchema(deliverySchema).meta({ id: 'WebhookDeliveryPage' });

export function webhookView({ webhookId, name, url, events: types, models, isEnabled, createdBy, createdAt }: WebhookEntity): WebhookView {
  return { webhookId, name, url, events: types, models, isEnabled, createdBy, createdAt: createdAt.toISOString() };
}

export function deliveryView(delivery: DeliveryEntity): DeliveryView {
  const { deliveryId, messageId, messageType, modelName, attempts, lastAnswer, createdAt, settledAt } = delivery;
  const nextAt = delivery.status === 'pending' ? delivery.nextAt.toISOString() : null;
  const times = { nextAt, createdAt: createdAt.toISOString(), settledAt: settledAt?.toISOString() ?? null };
  return { deliveryId, messageId, messageType, modelName, status: delivery.status, attempts, lastAnswer, ...times };
}
