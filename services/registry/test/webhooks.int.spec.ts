import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { approvalGranted, rolloutCompleted, runSucceeded } from '@bascule/contracts';
import { newId } from '@bascule/platform';
import { eventually } from '@bascule/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { networksOf } from '../src/webhooks/allowed-address.js';
import { sendWebhook } from '../src/webhooks/send-webhook.js';
import { finishRun, model } from './run-event.js';
import { type Registry, startRegistry } from './start-registry.js';

interface Message {
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests read messages freely
  readonly body: any;
}

let registry: Registry;
let outside: ReturnType<typeof createServer>;
let url: string;
const got: Message[] = [];
/** The address of the webhook that was added last: what is still on its way to others does not count. */
let awaitedPath = '';
let answer: (message: Message) => number = () => 200;

beforeAll(async () => {
  outside = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    const message = { headers: request.headers, text, body: JSON.parse(text) };
    if (request.url === awaitedPath) got.push(message);
    response.writeHead(answer(message), { location: '/elsewhere' }).end('taken');
  });
  await new Promise<void>((resolve) => outside.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(outside.address() as AddressInfo).port}/hook`;
  registry = await startRegistry({ WEBHOOK_RETRY_DELAYS_MS: '20,20', WEBHOOK_HOSTS: '127.0.0.1', WEBHOOK_NETWORKS: '127.0.0.1' });
});
afterAll(async () => {
  await registry?.stop();
  outside.close();
});

const add = async (body: { name: string; [more: string]: unknown }) => {
  const answered = await registry.call('root', 'POST', '/v1/webhooks', { url: `${url}/${body.name}`, ...body });
  if (answered.status === 201) awaitedPath = `/hook/${body.name}`;
  return answered;
};
const deliveries = async (id: string) => (await registry.call('root', 'GET', `/v1/webhooks/${id}/deliveries`)).body.items;
const remove = (id: string) => registry.call('root', 'DELETE', `/v1/webhooks/${id}`);
let versions = 0;
const register = async (seed: string, modelName = model) => {
  await registry.publish(runSucceeded, await finishRun(registry, seed, { modelName }));
  await registry.waitFor('registry.version.registered.v1', ++versions);
};

function isSigned({ headers, text }: Message, secret: string): boolean {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${text}`;
  const signature = `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
  return String(headers['webhook-signature']).split(' ').includes(signature);
}

describe('a webhook', () => {
  it('is a matter of administrators, and goes only where the installation allows', async () => {
    const body = { name: 'ci', url };
    for (const who of ['sam', 'otto', 'ada'] as const) expect((await registry.call(who, 'POST', '/v1/webhooks', body)).status).toBe(403);
    expect((await add({ name: 'far', url: 'https://example.org/' })).body.code).toBe('registry.webhook_address_refused');
    expect((await add({ name: 'odd', url: 'ftp://127.0.0.1/' })).status).toBe(400);
    expect((await add({ name: 'odd', events: ['registry.nothing.happened.v1'] })).status).toBe(400);
  });

  it('tells of a version, signed, and again under the same id until it is taken', async () => {
    const { status, body } = await add({ name: 'ci', events: ['registry.version.registered.v1'] });
    expect([status, body.secret.startsWith('whsec_')]).toEqual([201, true]);
    expect((await add({ name: 'ci' })).body.code).toBe('registry.webhook_exists');
    expect((await registry.call('root', 'GET', '/v1/webhooks')).body.items[0].secret).toBeUndefined();
    const statuses = [500, 302, 204];
    answer = () => statuses.shift() ?? 200;
    await register('told');
    await eventually(async () =>
      expect(await deliveries(body.webhookId)).toMatchObject([{ status: 'delivered', attempts: 3, lastAnswer: '204' }]),
    );
    const event = await registry.waitFor('registry.version.registered.v1');
    expect(got.map(({ headers }) => headers['webhook-id'])).toEqual([event.id, event.id, event.id]);
    expect(got[2]!.body).toMatchObject({ type: 'registry.version.registered.v1', id: event.id, data: { modelName: model, version: 1 } });
    expect(got.every((message) => isSigned(message, body.secret))).toBe(true);
    expect(isSigned({ ...got[0]!, text: `${got[0]!.text} ` }, body.secret)).toBe(false);
    expect(isSigned(got[0]!, 'whsec_AAAA')).toBe(false);
    await remove(body.webhookId);
  });

  it('signs with the secret of before as well while it is replaced', async () => {
    const { body } = await add({ name: 'rotating', models: ['claims-*'] });
    const next = (await registry.call('root', 'POST', `/v1/webhooks/${body.webhookId}/secret`)).body.secret;
    expect(next).not.toBe(body.secret);
    got.length = 0;
    await register('rotated');
    await eventually(() => expect(got.filter(({ body: told }) => told.type === 'registry.version.registered.v1')).toHaveLength(1));
    expect([isSigned(got[0]!, next), isSigned(got[0]!, body.secret)]).toEqual([true, true]);
    await remove(body.webhookId);
  });

  it('tells only of its models and events, also of votes and rollouts of other services', async () => {
    const { body } = await add({
      name: 'narrow',
      models: [model],
      events: ['governance.approval.granted.v1', 'serving.rollout.completed.v1'],
    });
    await register('elsewhere', 'claims-other');
    got.length = 0;
    const promotion = await registry.call('sam', 'POST', `/v1/models/${model}/versions/1/promotions`, { environment: 'production' });
    const { promotionId } = promotion.body;
    await registry.publish(approvalGranted, { approvalId: newId(), promotionId, decidedBy: 'ada', reason: 'fine' });
    const about = {
      rolloutId: newId(),
      promotionId,
      modelName: model,
      environment: 'production',
      version: 1,
      artifactDigest: 'd'.repeat(64),
    };
    await registry.waitFor('registry.promotion.approved.v1');
    await registry.publish(rolloutCompleted, { ...about, reasons: ['done'] });
    await eventually(async () =>
      expect(await deliveries(body.webhookId)).toMatchObject([{ status: 'delivered' }, { status: 'delivered' }]),
    );
    expect(got.map(({ body: told }) => told.type).sort()).toEqual(['governance.approval.granted.v1', 'serving.rollout.completed.v1']);
    await remove(body.webhookId);
  });

  it('is given up after its last try, said so in an event, and sent again when somebody asks', async () => {
    const { body } = await add({ name: 'down', events: ['registry.version.registered.v1'] });
    answer = () => 503;
    await register('unheard');
    await eventually(async () => expect(await deliveries(body.webhookId)).toMatchObject([{ status: 'given-up', attempts: 3 }]));
    const told = await registry.waitFor('registry.webhook.given-up.v1');
    expect(told.data).toMatchObject({ webhookId: body.webhookId, attempts: 3, reason: '503' });
    answer = () => 200;
    got.length = 0;
    const [{ deliveryId, messageId }] = await deliveries(body.webhookId);
    expect((await registry.call('sam', 'POST', `/v1/webhooks/${body.webhookId}/deliveries/${deliveryId}/replay`)).status).toBe(403);
    await registry.call('otto', 'POST', `/v1/webhooks/${body.webhookId}/deliveries/${deliveryId}/replay`);
    await eventually(async () => expect(await deliveries(body.webhookId)).toMatchObject([{ status: 'delivered', attempts: 1 }]));
    expect(got.map(({ headers }) => headers['webhook-id'])).toEqual([messageId]);
    const all = { from: '2020-01-01T00:00:00Z', onlyGivenUp: false };
    expect((await registry.call('otto', 'POST', `/v1/webhooks/${body.webhookId}/replay`, all)).body).toEqual({ count: 1 });
    await eventually(() => expect(got).toHaveLength(2));
    await remove(body.webhookId);
  });

  it('keeps its secret encrypted in the table, under a key that can be replaced', async () => {
    const { body } = await add({ name: 'sealed', events: ['registry.version.registered.v1'] });
    const stored = async () => JSON.stringify(await registry.query('select secrets from registry.webhooks'));
    expect(await stored()).not.toContain(body.secret.slice('whsec_'.length, -4));
    const before = await stored();
    expect((await registry.call('otto', 'POST', '/v1/webhooks/encryption-key')).status).toBe(403);
    expect((await registry.call('root', 'POST', '/v1/webhooks/encryption-key')).body).toEqual({ count: 1 });
    expect(await stored()).not.toBe(before);
    // as renewals leave it that are undone after they changed the file: once, and once more
    const [{ secrets: sealedFirst }] = JSON.parse(before) as [{ secrets: object }];
    const undo = () =>
      registry.query(`update registry.webhooks set secrets = '${JSON.stringify(sealedFirst)}' where webhook_id = '${body.webhookId}'`);
    await undo();
    await registry.call('root', 'POST', '/v1/webhooks/encryption-key');
    await undo();
    expect((await registry.call('root', 'POST', '/v1/webhooks/encryption-key')).body).toEqual({ count: 1 });
    expect((await registry.waitFor('registry.webhook.changed.v1', registry.seen('registry.webhook.changed.v1').length)).id).toBeDefined();
    // as an earlier release left it
    await registry.query(
      `update registry.webhooks set secrets = '[{"secret": "${body.secret}", "goodUntil": null}]' where webhook_id = '${body.webhookId}'`,
    );
    got.length = 0;
    await register('left open');
    await eventually(() => expect(got).toHaveLength(1));
    expect(isSigned(got[0]!, body.secret)).toBe(true);
    expect((await registry.call('root', 'POST', '/v1/webhooks/encryption-key')).body).toEqual({ count: 1 });
    expect(await stored()).not.toContain(body.secret);
    got.length = 0;
    await register('sealed');
    await eventually(() => expect(got).toHaveLength(1));
    expect(isSigned(got[0]!, body.secret)).toBe(true);
    await remove(body.webhookId);
  });

  it('tells nothing beyond the models of whoever made it, and shows nothing beyond those of whoever looks', async () => {
    const { body } = await add({ name: 'wide', events: ['registry.version.registered.v1'] });
    got.length = 0;
    await register('beyond', 'risk-score');
    await register('within');
    await eventually(async () => expect(await deliveries(body.webhookId)).toMatchObject([{ modelName: model, status: 'delivered' }]));
    expect(got.map(({ body: told }) => told.data.modelName)).toEqual([model]);
    await registry.query(`update registry.webhook_deliveries set model_name = 'risk-score' where webhook_id = '${body.webhookId}'`);
    expect(await deliveries(body.webhookId)).toEqual([]);
    const all = { from: '2020-01-01T00:00:00Z', onlyGivenUp: false };
    expect((await registry.call('otto', 'POST', `/v1/webhooks/${body.webhookId}/replay`, all)).body).toEqual({ count: 0 });
    await remove(body.webhookId);
  });

  it("of somebody who may see more is nobody's to stop, nor is its secret to take", async () => {
    const { body } = await add({ name: 'of-others' });
    const path = `/v1/webhooks/${body.webhookId}`;
    const owned = (models: string, ownerModels: string) =>
      registry.query(
        `update registry.webhooks set models = '${models}', owner_models = '${ownerModels}' where webhook_id = '${body.webhookId}'`,
      );
    await owned('{*}', '{*}');
    const refused = { status: 403, body: { code: 'access.model_not_allowed' } };
    expect(await registry.call('root', 'POST', `${path}/secret`)).toMatchObject(refused);
    expect(await registry.call('root', 'PATCH', path, { isEnabled: false })).toMatchObject(refused);
    expect(await registry.call('root', 'DELETE', path)).toMatchObject(refused);
    await owned('{claims-motor}', '{*}');
    expect((await registry.call('root', 'POST', `${path}/secret`)).status).toBe(201);
    expect((await remove(body.webhookId)).status).toBe(204);
  });

  it('is not sent into the own network, whatever its name resolves to by then', async () => {
    const { body } = await add({ name: 'turned', events: ['registry.version.registered.v1'] });
    const { port } = new URL(url);
    got.length = 0;
    // numbers that were allowed once
    for (const host of ['127.0.0.2', '[::ffff:7f00:2]']) {
      const address = `http://${host}:${port}/hook`;
      expect((await registry.call('root', 'PATCH', `/v1/webhooks/${body.webhookId}`, { url: address })).status).toBe(422);
      await registry.query(`update registry.webhooks set url = '${address}' where webhook_id = '${body.webhookId}'`);
      await register(`turned to ${host}`);
      const refused = { status: 'given-up', lastAnswer: 'EADDRNOTALLOWED' };
      await eventually(async () => expect((await deliveries(body.webhookId))[0]).toMatchObject(refused));
    }
    // a name is looked at where the connection is made
    const message = { url: `http://localhost:${port}/`, messageId: 'm', body: '{}', secrets: [], sentAt: new Date(), timeoutMs: 5_000 };
    expect(await sendWebhook({ ...message, networks: networksOf([]) })).toEqual({ error: 'EADDRNOTALLOWED' });
    expect(got).toEqual([]);
    expect(await sendWebhook({ ...message, networks: networksOf(['127.0.0.0/8', '::1']) })).toEqual({ status: 200 });
    await remove(body.webhookId);
  });

  it('is switched off when its address answers 410', async () => {
    const { body } = await add({ name: 'gone', events: ['registry.version.registered.v1'] });
    answer = () => 410;
    await register('gone');
    await eventually(async () => {
      const { items } = (await registry.call('root', 'GET', '/v1/webhooks')).body;
      expect(items.find(({ name }: { name: string }) => name === 'gone')).toMatchObject({ isEnabled: false });
    });
    expect(await deliveries(body.webhookId)).toMatchObject([{ status: 'given-up', attempts: 1 }]);
  });
});
