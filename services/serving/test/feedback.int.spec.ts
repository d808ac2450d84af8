import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { claimsModel, claimsSignature } from './record-models.js';
import { call, type Running, ready, type ServingStack, servingStack } from './serving-stack.js';

let stack: ServingStack;
let gateway: Running;
let token: string;

beforeAll(async () => {
  stack = await servingStack();
  token = await stack.key(['client']);
  await stack.route('claims', 1, [await stack.version(1, claimsModel(), claimsSignature, { percent: 100, role: 'champion' })]);
  gateway = await stack.start();
  await ready(gateway);
});
afterAll(() => stack.stop());

const send = (what: 'ground-truth' | 'decisions', items: object[], headers: Record<string, string> = {}) =>
  call(`${gateway.url}/v1/models/claims/${what}`, token, { body: { items }, headers });
const at = '1995-04-01T00:00:00Z';

/** The last submission in the stream. */
async function published(what: 'ground-truth.received' | 'decision.recorded') {
  const message = await stack.connection.jsm.streams.getMessage('SERVING', { last_by_subj: `serving.${what}.v1` });
  return message?.json<{ submissionId: string; keyId: string; reportedBy: string; items: object[] }>();
}
async function submissions(): Promise<number> {
  const { subjects = {} } = (await stack.connection.jsm.streams.info('SERVING', { subjects_filter: 'serving.>' })).state;
  return (subjects['serving.ground-truth.received.v1'] ?? 0) + (subjects['serving.decision.recorded.v1'] ?? 0);
}

describe('ground truth', () => {
  it('is taken one by one and in bulk, by prediction and by record, with source and selection', async () => {
    const predictionId = randomUUID();
    const items = [
      { predictionId, label: 1, occurredAt: at, source: 'settlement' },
      { clientRecordId: 'claim-2', label: 0, occurredAt: at, source: 'review', selection: 'random', selectionNote: '1 in 50' },
    ];
    const { status, body } = await send('ground-truth', items);
    expect(status).toBe(202);
    expect(body.accepted).toBe(2);
    const { keyId, reportedBy, ...said } = (await published('ground-truth.received'))!;
    expect(said).toMatchObject({ submissionId: body.submissionId, items });
    expect(token).toContain(keyId);
    expect(reportedBy).toBe('client@test');
    expect((await send('ground-truth', [items[0]!])).body.accepted).toBe(1);
  });

  it('may name the class as predictions answer it', async () => {
    const predicted = await call(`${gateway.url}/v1/models/claims/predict`, token, {
      body: { records: [{ id: 'c', features: { minor: 0, major: 3, phase: '', count: 1 } }] },
    });
    const { label, predictionId } = predicted.body.predictions[0];
    expect(label).toBe('damage');
    await send('ground-truth', [{ predictionId, label, occurredAt: at, source: 'settlement' }]);
    expect((await published('ground-truth.received'))?.items).toMatchObject([{ predictionId, label: 1 }]);
  });

  it('with a label that is no class, or a selection that nobody knows, is refused with its place', async () => {
    const good = { clientRecordId: 'c', label: 1, occurredAt: at, source: 's' };
    const unknownClass = await send('ground-truth', [good, { ...good, label: 'Damage' }]);
    expect(unknownClass).toMatchObject({ status: 400, body: { code: 'platform.invalid_request', errors: [{ path: 'items.1.label' }] } });
    for (const label of [7, 0.5, -1, '7']) {
      const refused = await send('ground-truth', [{ ...good, label }]);
      expect(refused).toMatchObject({ status: 400, body: { errors: [{ path: 'items.0.label' }] } });
    }
    const unknownSelection = await send('ground-truth', [{ ...good, selection: 'the nice ones' }]);
    expect(unknownSelection.status).toBe(400);
    expect(unknownSelection.body.errors[0].path).toBe('items.0.selection');
    const both = await send('ground-truth', [{ ...good, predictionId: randomUUID() }]);
    expect(both.status).toBe(400);
  });
});

describe('a field that nobody knows', () => {
  it('is refused by its name, and nothing is published', async () => {
    const before = await submissions();
    const truth = { clientRecordId: 'c', label: 1, occurredAt: at, source: 's' };
    const decision = { clientRecordId: 'c', outcome: 'pay', ruleVersion: '1', decidedAt: at };
    const refused = [
      await send('ground-truth', [truth, { ...truth, selecton: 'random' }]),
      await send('decisions', [decision, { ...decision, overridenBy: 'j.doe' }]),
    ];
    expect(refused.map(({ status }) => status)).toEqual([400, 400]);
    expect(refused.map(({ body }) => body.errors[0].path)).toEqual(['items.1', 'items.1']);
    expect(refused[0]!.body.errors[0].message).toContain('selecton');
    expect(refused[1]!.body.errors[0].message).toContain('overridenBy');
    expect(await submissions()).toBe(before);
  });
});

describe('a submission with an Idempotency-Key', () => {
  it('is in the stream once, and refuses the key with other content', async () => {
    const headers = { 'idempotency-key': 'truth-1' };
    const item = { clientRecordId: 'claim-9', label: 0, occurredAt: at, source: 'settlement' };
    const first = await send('ground-truth', [item], headers);
    const before = await submissions();
    const again = await send('ground-truth', [item], headers);
    expect(again.body).toEqual(first.body);
    expect(await submissions()).toBe(before);
    const other = await send('ground-truth', [{ ...item, label: 1 }], headers);
    expect({ status: other.status, code: other.body.code }).toEqual({ status: 409, code: 'platform.idempotency_conflict' });
    expect(await submissions()).toBe(before);
    const decision = { clientRecordId: 'claim-9', outcome: 'pay', ruleVersion: 'triage-3', decidedAt: at };
    const statuses = [];
    for (const outcome of ['pay', 'pay', 'inspect']) statuses.push((await send('decisions', [{ ...decision, outcome }], headers)).status);
    expect(statuses).toEqual([202, 202, 409]);
  });
});

describe('decisions', () => {
  it('carry rule, outcome, the person who overruled the model and why', async () => {
    const items = [
      { clientRecordId: 'claim-2', outcome: 'pay', ruleVersion: 'triage-3', overriddenBy: 'j.doe', reason: 'photos', decidedAt: at },
      { predictionId: randomUUID(), outcome: 'inspect', ruleVersion: 'triage-3', decidedAt: at },
    ];
    const { status, body } = await send('decisions', items);
    expect({ status, accepted: body.accepted }).toEqual({ status: 202, accepted: 2 });
    expect(await published('decision.recorded')).toMatchObject({ submissionId: body.submissionId, items });
  });
});
