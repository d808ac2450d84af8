import { gzipSync } from 'node:zlib';
import { parseAnswer, type ReceiptStatement, verifyAnswer, verifyReceipt } from '@bascule/proofs';
import { eventually } from '@bascule/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { countingModel, countingSignature, scaleModel, scaleSignature } from './onnx-models.js';
import { claimsModel, claimsSignature, lookupModel, lookupSignature, watchedSignature } from './record-models.js';
import { call, captured, type Running, ready, type ServingStack, servingStack } from './serving-stack.js';

let stack: ServingStack;
let gateway: Running;
let other: Running;
let token: string;

const claim = { minor: -1, major: 2.5, phase: 'Climb', count: 3 };
const predict = (records: unknown, more: object = {}, headers: Record<string, string> = {}, model = 'claims', by = token) =>
  call(`${gateway.url}/v1/models/${model}/predict`, by, { body: { records, ...more }, headers });

beforeAll(async () => {
  stack = await servingStack();
  token = await stack.key(['client'], ['claims', 'watched', 'wide', 'lookup', 'split', 'count']);
  const champion = { percent: 100, role: 'champion' } as const;
  await stack.route('claims', 1, [await stack.version(1, claimsModel(), claimsSignature, champion)]);
  await stack.route('watched', 1, [await stack.version(1, claimsModel(), watchedSignature, champion)]);
  const [input] = scaleSignature.inputs;
  const wide = {
    inputs: [{ ...input!, shape: [-1, 3], columns: ['a', 'b', 'c'] }],
    outputs: [{ name: 'y', datatype: 'FP32' as const, shape: [-1, 3] }],
  };
  await stack.route('wide', 1, [await stack.version(1, scaleModel(2, 3), wide, champion)]);
  await stack.route('lookup', 1, [await stack.version(1, lookupModel(), lookupSignature, champion)]);
  await stack.route('split', 1, [
    await stack.version(1, scaleModel(2), scaleSignature, { percent: 50, role: 'champion' }),
    await stack.version(2, scaleModel(3), scaleSignature, { percent: 50, role: 'challenger' }),
  ]);
  await stack.route('count', 1, [await stack.version(1, countingModel(), countingSignature, champion)]);
  gateway = await stack.start({ MODEL_DEADLINE_MS: '1500' });
  other = await stack.start();
  await Promise.all([ready(gateway), ready(other)]);
});
afterAll(() => stack.stop());

describe('records by feature name', () => {
  it('are answered in order with label, probabilities, id and version', async () => {
    const { status, body, headers } = await predict([
      { id: 'claim-1', features: claim },
      { id: 'claim-2', features: { ...claim, minor: 4, major: -4, count: 9007199254740991 } },
    ]);
    expect(status).toBe(200);
    expect(headers.get('x-bascule-model-version')).toBe('1');
    expect(body).toMatchObject({ modelName: 'claims', answered: 2, refused: 0 });
    const [first, second] = body.predictions;
    expect(first).toMatchObject({ id: 'claim-1', version: 1, label: 'damage', outputs: { counted: 3, seen: 'Climb' } });
    expect(first.probabilities.damage).toBeCloseTo(1 / (1 + Math.exp(-2.5)), 5);
    expect(Object.keys(first.probabilities)).toEqual(['none', 'damage']);
    expect(second).toMatchObject({ id: 'claim-2', label: 'none', outputs: { counted: 9007199254740991 } });
    expect(first.predictionId).not.toBe(second.predictionId);
  });

  it('fail one by one, each with all its faults', async () => {
    const { status, body } = await predict([
      { id: 'good', features: claim },
      { id: 'bad', occurredAt: '2002-02-30T00:00:00Z', features: claim },
      { id: 'poor', features: { minor: 'fast', phase: 7, count: 1.5, colour: 'red' } },
      { id: 'large', features: { ...claim, count: '9223372036854775808', major: '1e39' } },
      'no object',
      { id: 'mistyped', occuredAt: '2002-02-01T00:00:00Z', features: claim },
    ]);
    expect(status).toBe(200);
    expect(body).toMatchObject({ answered: 1, refused: 5 });
    const reasons = body.predictions.map(({ error }: { error?: { errors: { path: string; reason: string }[] } }) =>
      error?.errors.map(({ path, reason }) => `${path} ${reason}`),
    );
    expect(reasons).toEqual([
      undefined,
      ['occurredAt unparsable_time'],
      [
        'features.minor wrong_type',
        'features.major missing_feature',
        'features.phase wrong_type',
        'features.count wrong_type',
        'features.colour unknown_feature',
      ],
      ['features.major out_of_range', 'features.count out_of_range'],
      [' wrong_type'],
      ['occuredAt unknown_field'],
    ]);
    expect(body.predictions[1]).toMatchObject({ id: 'bad', error: { code: 'serving.invalid_record', retryable: false } });
  });

  it('of which none can be answered are an error that names every value', async () => {
    const { status, body } = await predict([{ features: {} }, { features: { ...claim, count: null } }]);
    expect({ status, code: body.code }).toEqual({ status: 422, code: 'serving.no_record_answered' });
    expect(body.errors).toHaveLength(5);
    expect(body.errors[4]).toMatchObject({ path: 'records[1].features.count', reason: 'missing_feature' });
  });

  it('may send numbers as text, and null for what is missing', async () => {
    const { body } = await predict([{ features: { minor: null, major: ' 2.5 ', phase: null, count: '9007199254740993' } }]);
    expect(body.predictions[0]).toMatchObject({ outputs: { counted: '9007199254740993', seen: '' } });
    expect(body.predictions[0].probabilities.none).toBeNull();
    expect(body.predictions[0].probabilities.damage).toBeGreaterThan(0.9);
  });

  it('may leave features out and bring others where the request says so', async () => {
    const features = { major: 1, phase: 'Climb', count: 1, colour: 'red' };
    const { body } = await predict([{ features }], { absentFeatures: 'missing', unknownFeatures: 'ignore' });
    expect(body).toMatchObject({ answered: 1 });
    expect(body.predictions[0].probabilities.none).toBeNull();
  });

  it('are told which values the contract of the training data does not allow, or refused for them where the request says so', async () => {
    const records = [claim, { ...claim, major: null, phase: '' }, { ...claim, major: 11, phase: 'Taxi' }].map((features) => ({ features }));
    const { body } = await predict(records, {}, {}, 'watched');
    const told = ['major', 'phase'].map((name) => ({ path: `features.${name}`, reason: 'outside_contract' }));
    expect(body.predictions.map((each: { warnings?: object }) => each.warnings)).toMatchObject([undefined, undefined, told]);
    const { body: strict } = await predict(records, { outsideContract: 'refuse' }, {}, 'watched');
    expect(strict).toMatchObject({ answered: 2, predictions: [{}, {}, { error: { errors: told } }] });
    expect(await (await fetch(`${gateway.adminUrl}/metrics`)).text()).toMatch(/outside_contract_total\{[^}]*feature="phase"[^}]*\} 1/);
  });

  it('fill one wide input by the names of its columns, in any order, or by position', async () => {
    const { body } = await predict(
      [{ features: { c: 3, a: 1, b: null } }, { features: [1, 2, 3] }, { features: { x: [4, 5, 6] } }, { features: [1, 2] }],
      {},
      {},
      'wide',
    );
    expect(body.predictions.map((prediction: { outputs?: unknown }) => prediction.outputs)).toEqual([
      { y: [2, null, 6] },
      { y: [2, 4, 6] },
      { y: [8, 10, 12] },
      undefined,
    ]);
    expect(body.predictions[3].error.errors[0].message).toContain('[3]');
  });

  it('fail alone when the model cannot work with their values', async () => {
    const positions = [0, 1, 7, 2, 1, -9, 0];
    const { status, body } = await predict(
      positions.map((position) => ({ features: { position } })),
      {},
      {},
      'lookup',
    );
    expect(status).toBe(200);
    expect(body.predictions.map(({ value, error }: { value?: number; error?: { code: string } }) => value ?? error?.code)).toEqual([
      10,
      20,
      'serving.inference_failed',
      30,
      20,
      'serving.inference_failed',
      10,
    ]);
  });

  it('are routed one by one while a rollout lasts, and stay with their version', async () => {
    const records = Array.from({ length: 60 }, (_, index) => ({ id: `claim-${index}`, features: { x: 1 } }));
    const first = await predict(records, {}, {}, 'split');
    const versions = first.body.predictions.map(({ version }: { version: number }) => version);
    expect(new Set(versions)).toEqual(new Set([1, 2]));
    expect(first.headers.get('x-bascule-model-version')).toBe('1, 2');
    expect(first.body.predictions.every(({ version, value }: { version: number; value: number }) => value === version + 1)).toBe(true);
    const again = await predict([...records].reverse(), {}, {}, 'split');
    expect(again.body.predictions.map(({ version }: { version: number }) => version).reverse()).toEqual(versions);
    // the same way as over the open inference protocol
    const infer = await call(`${gateway.url}/v2/models/split/infer`, token, {
      body: { parameters: { client_record_id: 'claim-0' }, inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 1], data: [1] }] },
    });
    expect(infer.body.model_version).toBe(String(versions[0]));
  });

  it('are captured with their ids and times', async () => {
    const { body } = await predict([{ id: 4711, occurredAt: '2002-03-01T12:00:00+01:00', features: claim }]);
    const [{ predictionId }] = body.predictions;
    const row = await eventually(async () => {
      const all = (await captured(stack)).flatMap(({ predictions }) => predictions);
      return all.find((prediction) => prediction.predictionId === predictionId) ?? Promise.reject(new Error('not captured yet'));
    });
    expect(row).toMatchObject({ clientRecordId: '4711', occurredAtMs: BigInt(Date.UTC(2002, 2, 1, 11)) });
    expect(row?.inputs.map(({ kind }) => kind.value)).toEqual([-1, 2.5, 'Climb', 3n]);
  });
});

describe('records with an Idempotency-Key', () => {
  it('get the same predictions from any gateway, and are captured once', async () => {
    const headers = { 'idempotency-key': 'records-1' };
    const records = [
      { id: 'r1', features: claim },
      { id: 'r2', features: {} },
    ];
    const first = await predict(records, {}, headers);
    const again = await call(`${other.url}/v1/models/claims/predict`, token, { body: { records }, headers });
    expect(first.status).toBe(200);
    expect(again.body).toEqual(first.body);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    const conflict = await predict([{ features: claim }], {}, headers);
    expect(conflict.body.code).toBe('platform.idempotency_conflict');
    const id = first.body.predictions[0].predictionId;
    const later = await predict([{ id: 'r3', features: claim }]);
    const ids = await eventually(async () => {
      const all = (await captured(stack)).flatMap(({ predictions }) => predictions.map(({ predictionId }) => predictionId));
      return all.includes(later.body.predictions[0].predictionId) && all.includes(id) ? all : Promise.reject(new Error('not captured yet'));
    });
    expect(ids.filter((captured) => captured === id)).toHaveLength(1);
  });
});

describe('records of which some wait in vain', () => {
  it('are not final: a repeat gives the answered ones their ids and asks for the others again', async () => {
    const records = [{ features: { n: 3 } }, { features: { n: '1000000000000' } }, { features: { n: 'x' } }];
    const headers = { 'idempotency-key': 'records-2' };
    const first = await predict(records, { timeoutMs: 1_400 }, headers, 'count');
    expect(first.status).toBe(200);
    const [done, late, wrong] = first.body.predictions;
    expect(done.value).toBe(3);
    expect(late.error.retryable).toBe(true);
    expect(wrong.error.retryable).toBe(false);
    const again = await eventually(async () => {
      const answer = await predict(records, { timeoutMs: 5_000 }, headers, 'count');
      return answer.status === 200 ? answer : false;
    });
    expect(again.headers.get('idempotency-replayed')).toBeNull();
    expect(again.body.predictions[0].predictionId).toBe(done.predictionId);
    expect(again.body.predictions[1].error.retryable).toBe(true);
  });

  it('are an error as a whole when none was answered, with the time to wait', async () => {
    const { status, body } = await predict([{ features: { n: 1e12 } }], { timeoutMs: 300 }, {}, 'count');
    expect([429, 503, 504]).toContain(status);
    expect(body.code).toMatch(/^serving\./);
  });
});

describe('a request for records', () => {
  it('gets signed receipts when it asks for them', async () => {
    const { body } = await predict([{ features: claim }, { features: claim }], {}, { 'x-bascule-receipt': '1' });
    expect(body.receipts).toHaveLength(1);
    for (const { predictionId } of body.predictions) expect(body.receipts[0]).toContain(predictionId);
    expect((await predict([{ features: claim }])).body.receipts).toBeUndefined();
  });

  it('gets receipts that its answer is held against, changed or not', async () => {
    const { body } = await predict(
      [{ features: claim }, { features: {} }, { features: { ...claim, minor: 3 } }],
      {},
      { 'x-bascule-receipt': '1' },
    );
    const { items } = (await call(`${gateway.url}/v1/receipts/keys`, token)).body;
    const { statement } = verifyReceipt(body.receipts[0], items[0].verifierKey);
    const told = (answer: object) => verifyAnswer(statement as ReceiptStatement, parseAnswer(JSON.stringify(answer)));
    expect(told(body)).toEqual({ answer: 'matches', reason: '2 predictions are as the gateway signed' });
    const predictions = body.predictions.map((prediction: object) => ({ ...prediction, label: 'changed' }));
    expect(told({ ...body, predictions }).answer).toBe('differs');
  });

  it('may be packed', async () => {
    const response = await fetch(`${gateway.url}/v1/models/claims/predict`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'content-encoding': 'gzip' },
      body: gzipSync(JSON.stringify({ records: [{ features: claim }] })),
    });
    expect(response.status).toBe(200);
  });

  it('is refused whole when its form is wrong', async () => {
    const bodies = [{}, { records: [] }, { records: 'x' }, { records: [{ features: claim }], extra: 1 }, [], 'null', '{"records":'];
    for (const body of bodies) {
      const answer = await call(`${gateway.url}/v1/models/claims/predict`, token, { body });
      expect({ body, status: answer.status }).toEqual({ body, status: 400 });
      expect(answer.body.detail).toBeTruthy();
    }
    const many = await predict(new Array(1_001).fill({ features: claim }));
    expect(many.status).toBe(400);
  });

  it('needs a credential for the model', async () => {
    expect((await predict([{ features: claim }], {}, {}, 'claims', 'nonsense')).status).toBe(401);
    expect((await predict([{ features: claim }], {}, {}, 'secret')).status).toBe(403);
    const auditor = await stack.key(['auditor']);
    // a key is known once the watch has brought it
    await eventually(async () => (await predict([{ features: claim }], {}, {}, 'claims', auditor)).status === 403);
    const everything = await stack.key(['client']);
    await eventually(async () => (await predict([{ features: claim }], {}, {}, 'nothing', everything)).status === 404);
  });

  it('may pin a version as operator only', async () => {
    const pin = { 'x-bascule-model-version': '2' };
    expect((await predict([{ features: { x: 1 } }], {}, pin, 'split')).status).toBe(403);
    const operator = await stack.key(['operator']);
    const pinned = await predict([{ id: 'p', features: { x: 1 } }], {}, pin, 'split', operator);
    expect(pinned.body.predictions[0]).toMatchObject({ version: 2, value: 3 });
  });

  it('is described', async () => {
    const document = (await (await fetch(`${gateway.url}/openapi.json`)).json()) as { paths: object; components: { schemas: object } };
    expect(Object.keys(document.paths)).toContain('/v1/models/{model}/predict');
    expect(Object.keys(document.components.schemas)).toEqual(expect.arrayContaining(['RecordsRequest', 'RecordsResponse']));
  });
});
