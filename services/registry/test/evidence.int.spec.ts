import { generateKeyPairSync } from 'node:crypto';
import {
  approvalGranted,
  availabilityMeasured,
  batchValidated,
  datasetPublished,
  loadTestFinished,
  predictionLogged,
  runSucceeded,
} from '@bascule/contracts';
import { newId } from '@bascule/platform';
import { modelKeyId } from '@bascule/proofs';
import { Role } from '@bascule/proto';
import { eventually } from '@bascule/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { evaluationReport } from './evaluation-report.js';
import { predictionBlock, tallyBlock } from './prediction-blocks.js';
import { finishRun, model } from './run-event.js';
import { signedStatement } from './signed-statement.js';
import { type Identity, type Registry, startRegistry } from './start-registry.js';

let registry: Registry;
const dataset = 'ab'.repeat(32);
const range = { from: '1990-01-01T00:00:00Z', to: '1994-12-31T00:00:00Z', rowCount: 1000 };

beforeAll(async () => {
  registry = await startRegistry();
  const { digest } = await registry.objects.put(Buffer.from(JSON.stringify(evaluationReport(model, dataset, range))));
  await registry.publish(runSucceeded, await finishRun(registry, 'judged', { reportDigest: digest }));
  await registry.waitFor('registry.version.registered.v1');
});
afterAll(() => registry?.stop());

const version = `/v1/models/${model}/versions/1`;
const setPolicy = (policy: object) =>
  registry.call('ada', 'PUT', `/v1/models/${model}/promotion-policy`, { policy, reason: 'agreed in the board' });
const ask = (who: Identity = 'sam', body: object = {}) =>
  registry.call(who, 'POST', `${version}/promotions`, { environment: 'production', ...body });
const errors = async (policy: object) => {
  await setPolicy(policy);
  const { body } = await ask();
  // whoever asks again and again until something is known leaves nothing open
  if (body.promotionId) await withdraw(body.promotionId);
  return body.errors?.map(({ path, message }: { path: string; message: string }) => `${path}: ${message}`) ?? body.status;
};
const withdraw = (id: string) => registry.call('root', 'POST', `/v1/promotions/${id}/withdraw`, { reason: 'not now' });

describe('evidence', () => {
  it('of a run is measured: calibration and fairness from its report', async () => {
    const { items } = (await registry.call('ada', 'GET', `${version}/evidence`)).body;
    expect(items.map(({ kind, name, origin }: Record<string, string>) => [kind, name, origin]).reverse()).toEqual([
      ['calibration', '', 'measured'],
      ['fairness', 'operator/demographicParityDifference', 'measured'],
      ['fairness', 'operator/equalOpportunityDifference', 'measured'],
    ]);
    const fairness = (metric: string, maxDifference: number) => [{ attribute: 'operator', metric, maxDifference }];
    expect(await errors({ calibration: { maxError: 0.02 } })).toEqual([
      'calibration: the calibration error over 400 rows, measured here, is 0.025, not at most 0.02',
    ]);
    expect(await errors({ fairness: fairness('equalizedOddsDifference', 0.1) })).toEqual([
      'fairness:operator/equalizedOddsDifference: equalizedOddsDifference between the groups of operator is missing, and at most 0.1 is asked for',
    ]);
    expect((await registry.waitFor('registry.evidence.recorded.v1', 3)).data).toMatchObject({ kind: 'fairness', origin: 'measured' });
  });

  it('of its making is a statement that the run signed', async () => {
    const policy = { isProvenanceRequired: true };
    expect(await errors(policy)).toEqual(['provenance: nobody signed what it was made from']);
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const provenanceKey = publicKey.export({ format: 'pem', type: 'spki' }).toString();
    const keyId = modelKeyId(publicKey);
    const signed = async (seed: string, subject?: string) => {
      const run = await finishRun(registry, seed, { modelName: 'claims-signed', provenanceKey });
      const statement = signedStatement(run, privateKey, subject);
      const { digest } = await registry.objects.put(Buffer.from(statement));
      const count = registry.seen('registry.version.registered.v1').length;
      await registry.publish(runSucceeded, { ...run, provenanceDigest: digest });
      await registry.waitFor('registry.version.registered.v1', count + 1);
    };
    await registry.call('ada', 'PUT', '/v1/models/claims-signed/promotion-policy', { policy, reason: 'agreed in the board' });
    const promote = (number: number) =>
      registry.call('sam', 'POST', `/v1/models/claims-signed/versions/${number}/promotions`, { environment: 'staging' });
    await signed('forged', 'f'.repeat(64));
    // a key that comes with the statement proves nothing
    const untrusted = [{ path: 'provenance', message: 'the statement of what it was made from: no trusted key made a signature' }];
    expect((await promote(1)).body.errors).toEqual(untrusted);
    const trust = { publicKey: provenanceKey, reason: 'the key of training' };
    expect((await registry.call('sam', 'POST', '/v1/provenance-keys', trust)).status).toBe(403);
    expect((await registry.call('root', 'POST', '/v1/provenance-keys', { ...trust, publicKey: 'none' })).status).toBe(400);
    expect((await registry.call('root', 'POST', '/v1/provenance-keys', trust)).body).toMatchObject({ keyId, status: 'trusted' });
    expect((await promote(1)).body.errors).toEqual([{ path: 'provenance', message: 'the statement speaks of another file' }]);
    await signed('signed');
    const { promotionId } = (await promote(2)).body;
    // revoked before the approval: what it signed counts no more
    expect((await registry.call('root', 'POST', `/v1/provenance-keys/${keyId}/revoke`, { reason: 'it leaked' })).body.status).toBe(
      'revoked',
    );
    expect((await registry.call('root', 'POST', '/v1/provenance-keys', trust)).body.code).toBe('registry.provenance_key_revoked');
    await registry.publish(approvalGranted, { approvalId: newId(), promotionId, decidedBy: 'ada', reason: 'fine' });
    await eventually(async () =>
      expect((await registry.call('ada', 'GET', `/v1/promotions/${promotionId}`)).body).toMatchObject({
        status: 'refused',
        reasons: [`since it was asked for, provenance: ${untrusted[0]!.message}`],
      }),
    );
    expect((await registry.waitFor('registry.provenance-key.changed.v1', 2)).data).toMatchObject({ keyId, change: 'revoked' });
  });

  it('is declared by people, and says so', async () => {
    const requiredDocuments = ['model-card'];
    expect(await errors({ requiredDocuments })).toEqual(['document:model-card: the document model-card is missing']);
    const card = { kind: 'document', name: 'model-card', url: 'https://example.org/card' };
    expect((await registry.call('ada', 'POST', `${version}/evidence`, card)).status).toBe(403);
    expect((await registry.call('sam', 'POST', `${version}/evidence`, { ...card, url: undefined })).status).toBe(400);
    expect((await registry.call('sam', 'POST', `${version}/evidence`, card)).body).toMatchObject({ origin: 'declared', recordedBy: 'sam' });
    const budget = { kind: 'availability', objective: 0.999, budgetLeft: 0.7, windowDays: 30 };
    expect((await registry.call('sam', 'POST', `/v1/models/${model}/evidence`, budget)).status).toBe(403);
    expect((await registry.call('otto', 'POST', `/v1/models/${model}/evidence`, budget)).status).toBe(201);
    const { body } = await ask();
    const gates = Object.fromEntries(body.gates.map((gate: { gate: string }) => [gate.gate, gate]));
    expect(gates['document:model-card'].reasons).toEqual(['model-card is https://example.org/card, declared by sam']);
    await withdraw(body.promotionId);
  });

  it('of the error budget is what gateways counted, not what somebody declares', async () => {
    const availability = { minBudgetLeft: 0.1, objective: 0.99 };
    expect(await errors({ availability })).toEqual([
      'availability-budget: gateways counted no request in 28 days, and an error budget of at least 0.1 is asked for',
    ]);
    const counted = (environment: string, requestCount: number, failedCount: number) => {
      const to = new Date().toISOString();
      return registry.publish(availabilityMeasured, {
        ...{ gatewayId: newId(), modelName: model, environment, from: to, to },
        ...{ requestCount, failedCount },
      });
    };
    await counted('staging', 1_000, 900);
    await counted('production', 400, 1);
    await counted('production', 600, 8);
    const path = `/v1/models/${model}/availability?objective=0.99`;
    await eventually(async () =>
      expect((await registry.call('ada', 'GET', path)).body).toMatchObject({ requestCount: 1000, failedCount: 9, budgetLeft: 0.1 }),
    );
    const { body } = await ask();
    expect(body.gates.find(({ gate }: { gate: string }) => gate === 'availability-budget')).toMatchObject({
      outcome: 'pass',
      reasons: [expect.stringContaining('objective 0.99 (9 of 1000 requests failed in 28 days')],
    });
    // the budget is spent between the request and the approval
    await counted('production', 1, 1);
    await eventually(async () => expect((await registry.call('ada', 'GET', path)).body.failedCount).toBe(10));
    const { promotionId } = body;
    await registry.publish(approvalGranted, { approvalId: newId(), promotionId, decidedBy: 'ada', reason: 'fine' });
    const found = await eventually(async () => {
      const promotion = (await registry.call('ada', 'GET', `/v1/promotions/${promotionId}`)).body;
      expect(promotion.status).toBe('refused');
      return promotion;
    });
    expect(found.reasons).toEqual([
      expect.stringMatching(/^since it was asked for, availability-budget: .* is 0\.000999, not at least 0\.1$/),
    ]);
    expect(found.decision.gates.find(({ gate }: { gate: string }) => gate === 'availability-budget').outcome).toBe('fail');
    await eventually(() =>
      expect(registry.seen('registry.promotion.refused.v1').find(({ data }) => data['promotionId'] === promotionId)?.data).toMatchObject({
        gates: found.decision.gates,
        policyRevision: found.decision.policyRevision,
      }),
    );
  });

  it('of a load test is measured by the registry itself', async () => {
    const objective = { requestsPerSecond: 50, maxP99Ms: 5_000, through: 'model' };
    expect(await errors({ objective })).toEqual([
      'objective: the objective is 50 requests of 1 row per second within 5000 ms: it was never tested under load',
    ]);
    const { status, body } = await registry.call('sam', 'POST', `${version}/load-tests`, { requestsPerSecond: 100, seconds: 1 });
    // twice what is aimed at: of a busy machine the last answers come late
    expect([status, body.origin, body.body.requestCount, body.body.failedCount]).toEqual([201, 'measured', 100, 0]);
    const promotion = (await ask()).body;
    expect(promotion.gates.find(({ gate }: { gate: string }) => gate === 'objective')).toMatchObject({ outcome: 'pass' });
    await withdraw(promotion.promotionId);
  });

  it('of a load test through what serves is measured by a gateway', async () => {
    const objective = { requestsPerSecond: 50, maxP99Ms: 20 };
    expect(await errors({ objective })).toEqual([
      'objective: the objective is 50 requests of 1 row per second within 20 ms: none of its 1 load tests asked that much of a gateway',
    ]);
    const asked = await registry.call('sam', 'POST', `${version}/gateway-load-tests`, { requestsPerSecond: 50, seconds: 1 });
    expect([asked.status, asked.body.status]).toEqual([202, 'requested']);
    const { loadTestId } = asked.body;
    const { data } = await registry.waitFor('registry.load-test.requested.v1');
    expect(data).toMatchObject({ loadTestId, plan: { connections: 16, rowsPerRequest: 1, environment: 'production' }, requestedBy: 'sam' });
    const request = JSON.parse((await registry.objects.get(data['requestDigest'] as string)).toString());
    expect(request.inputs).toMatchObject([{ name: 'speed_knots', datatype: 'FP32', shape: [1, 1] }]);
    const { artifactDigest } = data as { artifactDigest: string };
    const measured = {
      ...{ offeredPerSecond: 50, answeredPerSecond: 50, rowsPerRequest: 1, seconds: 1, connections: 16, requestCount: 50, failedCount: 0 },
      ...{ p50Ms: 1, p95Ms: 2, p99Ms: 3, processor: 'a processor' },
    };
    const finished = { loadTestId, gatewayId: newId(), environment: 'production', modelName: model, version: 1, reasons: [], measured };
    // of gateways that were not asked
    await registry.publish(loadTestFinished, { ...finished, environment: 'staging', artifactDigest, outcome: 'failed' });
    await registry.publish(loadTestFinished, { ...finished, artifactDigest, outcome: 'measured' });
    await eventually(async () =>
      expect((await registry.call('ada', 'GET', `/v1/load-tests/${loadTestId}`)).body).toMatchObject({ status: 'measured' }),
    );
    const promotion = (await ask()).body;
    expect(promotion.gates.find(({ gate }: { gate: string }) => gate === 'objective')).toMatchObject({
      outcome: 'pass',
      reasons: [expect.stringContaining('through a gateway of production from 16 clients at once, measured here, in ms is 3, at most 20')],
    });
    await withdraw(promotion.promotionId);
    const other = (await registry.call('sam', 'POST', `${version}/gateway-load-tests`, { requestsPerSecond: 50, seconds: 1 })).body;
    const wrong = { ...finished, loadTestId: other.loadTestId, artifactDigest: 'e'.repeat(64), outcome: 'measured' as const };
    await registry.publish(loadTestFinished, wrong);
    await eventually(async () =>
      expect((await registry.call('ada', 'GET', `/v1/load-tests/${other.loadTestId}`)).body).toMatchObject({
        status: 'failed',
        evidenceId: null,
      }),
    );
  });

  it('of the data comes from ingestion: every batch behind the dataset version', async () => {
    const [first, second] = [newId(), newId()];
    const of = { datasetName: 'birdstrikes', contractName: 'birdstrikes', contractVersion: 1 };
    const counts = { recordCount: 100, acceptedCount: 96, quarantinedCount: 4, duplicateCount: 0, reasons: {} };
    const published = { ...of, rowCount: 96, labelledCount: 90, newLabelledCount: 90, occurredFrom: range.from, occurredTo: range.to };
    expect(await errors({ data: {} })).toEqual(['data-verdict: nothing is known of the data it was trained on']);
    const parent = 'cd'.repeat(32);
    await registry.publish(datasetPublished, { ...published, datasetVersion: dataset, parentVersion: parent, batchIds: [second] });
    await registry.publish(datasetPublished, { ...published, datasetVersion: parent, parentVersion: null, batchIds: [first] });
    await registry.publish(batchValidated, { ...of, ...counts, batchId: first });
    await eventually(async () =>
      expect(await errors({ data: {} })).toEqual(['data-verdict: 1 of 2 batches were never held against a contract']),
    );
    await registry.publish(batchValidated, { ...of, ...counts, batchId: second, quarantinedCount: 0 });
    await eventually(async () => {
      expect(await errors({ data: { maxQuarantinedShare: 0.01, minLabelledRows: 1000 } })).toEqual([
        `data-verdict: the share in quarantine, of 200 records in 2 batches behind dataset version ${dataset.slice(0, 12)}, is 0.02, not at most 0.01`,
        'labelled-rows: the number of labelled rows is 90, not at least 1000',
      ]);
    });
  });
});

describe('consumers', () => {
  const asked = (keyId: string, inputs: { [name: string]: number | string }, more: object = {}) =>
    registry.publishBlock(predictionLogged, predictionBlock(model, keyId, inputs, more));
  const broken = async () => {
    const found = await errors({});
    return Array.isArray(found) ? found : [];
  };

  it('whose requests would break keep a version down, until their key is revoked', async () => {
    await registry.putKey('abcdefghijkl', 'broker');
    await asked('mnopqrstuvwx', { speed_knots: 120 });
    await asked('abcdefghijkl', { speed_knots: 120, airport: 'KJFK' });
    await eventually(async () => expect(await broken()).toEqual(['consumers: broker (key abcdefghijkl): input airport is not known']));
    await registry.putKey('abcdefghijkl', 'broker', new Date().toISOString());
    await eventually(async () => {
      const { status, body } = await ask();
      expect(status).toBe(201);
      expect(body.gates.at(-1)).toMatchObject({ gate: 'consumers', reasons: ['1 rows that 1 key asked in 30 days can be answered'] });
      await withdraw(body.promotionId);
    });
  });

  it('of whom only hashes are kept are missing evidence; copies for a shadow are nobody’s requests', async () => {
    await asked('yyyyyyyyyyyy', { airport: 'KJFK' }, { role: Role.SHADOW });
    await asked('zzzzzzzzzzzz', {}, { inputsHash: new Uint8Array(32) });
    await eventually(async () =>
      expect(await broken()).toEqual(['consumers: zzzzzzzzzzzz: the values of none of 1 rows were kept, nobody can tell']),
    );
  });

  it('that nobody recorded count once, however often and by whichever registry they are heard of', async () => {
    const producer = newId();
    const tell = (sequence: bigint, answered: bigint) =>
      registry.publishBlock(predictionLogged, tallyBlock(model, producer, sequence, { answered, captured: 4n }));
    for (const [sequence, answered] of [
      [1n, 10n],
      [2n, 12n],
      [1n, 10n],
      [3n, 12n],
    ] as const)
      await tell(sequence, answered);
    const counted = 'select row_count::int as rows from registry.uncaptured_rows';
    await eventually(async () => expect(await registry.query(counted)).toEqual([{ rows: 8 }]));
    const share = expect.stringContaining('the values of 8 of 9 rows of 30 days were not kept, a share of 0.888889');
    await eventually(async () => expect(await broken()).toContainEqual(share));
  });
});
