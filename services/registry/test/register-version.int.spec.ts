import { runSucceeded } from '@bascule/contracts';
import { openBodies } from '@bascule/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { finishRun, model } from './run-event.js';
import { onnxBytes, type Registry, signature, startRegistry } from './start-registry.js';

let registry: Registry;
beforeAll(async () => {
  registry = await startRegistry();
});
afterAll(() => registry?.stop());

const registered = 'registry.version.registered.v1';
const refused = 'registry.version.refused.v1';

describe('a run that succeeded', () => {
  it('becomes a version, once, however often the event comes', async () => {
    const run = await finishRun(registry, 'first');
    const eventId = await registry.publish(runSucceeded, run);
    const againId = await registry.publish(runSucceeded, run); // the same run under another event id
    const event = await registry.waitFor(registered);
    expect([eventId, againId]).toContain(event.causationId);
    expect(event).toMatchObject({ data: { modelName: model, version: 1, runId: run.runId, metrics: { auc: 0.78 } } });

    await registry.publish(runSucceeded, await finishRun(registry, 'second'));
    expect((await registry.waitFor(registered, 2)).data).toMatchObject({ version: 2 });
    const { body } = await registry.call('sam', 'GET', `/v1/models/${model}/versions`);
    expect(body.items.map((version: { version: number }) => version.version)).toEqual([2, 1]);
    expect(body.items[1]).toMatchObject({ stage: 'candidate', registeredBy: 'training:claims-triage', trainedOn: { rowCount: 1000 } });
  });

  it('is refused when its artifact is not in the object store', async () => {
    await registry.publish(runSucceeded, { ...(await finishRun(registry, 'lost')), artifactDigest: '0'.repeat(64) });
    const { data } = await registry.waitFor(refused);
    expect(data['reasons']).toEqual(['the artifact is not in the object store']);
  });

  it('is refused when its artifact is not ONNX and its signature makes no sense', async () => {
    const pickle = await registry.objects.put(Buffer.from('not a model'));
    const twice = { ...signature, inputs: [...signature.inputs, ...signature.inputs] };
    const run = await finishRun(registry, 'odd', { artifactDigest: pickle.digest, artifactSizeBytes: pickle.sizeBytes, signature: twice });
    await registry.publish(runSucceeded, run);
    const { data } = await registry.waitFor(refused, 2);
    expect(data['reasons']).toEqual(['input speed_knots is named twice', 'the artifact is not an ONNX file']);
  });
});

describe('a run with a wrong result', () => {
  it('is refused when its graph has other inputs or its metrics are impossible', async () => {
    const count = registry.seen(refused).length;
    const renamed = { ...signature, inputs: [{ ...signature.inputs[0]!, name: 'velocity' }] };
    const run = await finishRun(registry, 'renamed', { signature: renamed, metrics: { auc: 5 } });
    await registry.publish(runSucceeded, run);
    const { data } = await registry.waitFor(refused, count + 1);
    expect(data['reasons']).toEqual([
      'the reference profile describes inputs the model does not have: speed_knots',
      'input "velocity" of the signature is not in the graph',
      'the graph wants input "speed_knots", which the signature does not name',
      'auc 5 is not between 0 and 1',
    ]);
  });
});

describe('an upload', () => {
  it('becomes a version and its bytes come back', async () => {
    const bytes = onnxBytes('uploaded');
    const { status, body } = await registry.call('sam', 'POST', '/v1/artifacts', bytes);
    expect({ status, sizeBytes: body.sizeBytes }).toEqual({ status: 201, sizeBytes: bytes.length });
    const upload = { artifactDigest: body.digest, signature, title: 'Schäden' };
    const version = await registry.call('sam', 'POST', '/v1/models/claims-uploaded/versions', upload);
    expect(version).toMatchObject({ status: 201, body: { version: 1, registeredBy: 'sam', metrics: {} } });
    expect((await registry.call('ada', 'GET', `/v1/artifacts/${body.digest}`)).body).toBe(bytes.toString());
    expect((await registry.call('sam', 'GET', '/v1/models/claims-uploaded')).body).toMatchObject({ title: 'Schäden', latestVersion: 1 });
  });

  it('answers a repeated request from the first one', async () => {
    const { body: artifact } = await registry.call('sam', 'POST', '/v1/artifacts', onnxBytes('repeated'));
    const upload = { artifactDigest: artifact.digest, signature };
    const headers = { 'idempotency-key': 'upload-1' };
    const path = '/v1/models/claims-repeated/versions';
    const [first, second] = await Promise.all([1, 2].map(() => registry.call('sam', 'POST', path, upload, headers)));
    expect(first).toMatchObject({ status: 201, body: { version: 1 } });
    expect(second?.body).toEqual(first?.body);
    const changed = await registry.call('sam', 'POST', path, { ...upload, metrics: { auc: 1 } }, headers);
    expect(changed).toMatchObject({ status: 409, body: { code: 'platform.idempotency_conflict' } });
    expect((await registry.call('sam', 'GET', path)).body.items).toHaveLength(1);
  });

  it('is refused when its signature is not that of the file, with the input named', async () => {
    const { body: artifact } = await registry.call('sam', 'POST', '/v1/artifacts', onnxBytes('mismatch'));
    const count = registry.seen(refused).length;
    const wrong = { ...signature, inputs: [{ ...signature.inputs[0]!, datatype: 'FP64' }] };
    const upload = { artifactDigest: artifact.digest, signature: wrong };
    expect(await registry.call('sam', 'POST', '/v1/models/claims-mismatch/versions', upload)).toMatchObject({
      status: 422,
      body: {
        code: 'registry.signature_mismatch',
        errors: [{ path: 'signature.inputs.speed_knots', message: 'input "speed_knots" is FP32 in the graph and FP64 in the signature' }],
      },
    });
    expect((await registry.waitFor(refused, count + 1)).data).toMatchObject({ modelName: 'claims-mismatch' });
  });

  it('is refused with metrics that cannot be, and those it declares are never called measured', async () => {
    const { body: artifact } = await registry.call('sam', 'POST', '/v1/artifacts', onnxBytes('declared'));
    const path = '/v1/models/claims-declared/versions';
    const upload = { artifactDigest: artifact.digest, signature };
    expect(await registry.call('sam', 'POST', path, { ...upload, metrics: { auc: 5 } })).toMatchObject({
      status: 400,
      body: { errors: [{ path: 'metrics.auc', message: 'auc 5 is not between 0 and 1' }] },
    });
    const metricsOrigin = 'declared by sam, not measured here';
    expect((await registry.call('sam', 'POST', path, { ...upload, metrics: { accuracy: 0.9 } })).body).toMatchObject({ metricsOrigin });
    const ask = (body: object) => registry.call('sam', 'POST', `${path}/1/promotions`, { environment: 'production', ...body });
    expect(await ask({})).toMatchObject({
      status: 422,
      body: { code: 'registry.gates_failed', detail: expect.stringContaining('send an override with its reason') },
    });
    expect(await ask({ override: { reason: 'accuracy is what counts here' } })).toMatchObject({ status: 201, body: { metricsOrigin } });
  });

  it('is refused with reasons, and the refusal is an event', async () => {
    const { body: artifact } = await registry.call('sam', 'POST', '/v1/artifacts', Buffer.from('weights'));
    const count = registry.seen(refused).length;
    const answer = await registry.call('sam', 'POST', '/v1/models/claims-bad/versions', { artifactDigest: artifact.digest, signature });
    expect(answer).toMatchObject({
      status: 422,
      body: { code: 'registry.version_refused', errors: [{ message: 'the artifact is not an ONNX file' }] },
    });
    expect((await registry.waitFor(refused, count + 1)).data).toMatchObject({ modelName: 'claims-bad' });
  });
});

describe('access', () => {
  it('lets nobody in without a key, with a wrong one, or with the wrong role', async () => {
    const path = `/v1/models/${model}`;
    expect(await registry.call(null, 'GET', path)).toMatchObject({ status: 401, body: { code: 'access.key_missing' } });
    const forged = { authorization: `Bearer bsc_${'a'.repeat(12)}_${'b'.repeat(43)}` };
    expect(await registry.call(null, 'GET', path, undefined, forged)).toMatchObject({ status: 401, body: { code: 'access.key_unknown' } });
    expect(await registry.call('cli', 'GET', path)).toMatchObject({ status: 403, body: { code: 'access.role_required' } });
    expect((await registry.call('ada', 'POST', '/v1/artifacts', onnxBytes('x'))).status).toBe(403);
  });

  it('keeps a key to the models its patterns name', async () => {
    expect(await registry.call('sam', 'GET', '/v1/models/loans')).toMatchObject({
      status: 403,
      body: { code: 'access.model_not_allowed' },
    });
  });

  it('registers no bytes the key could not read', async () => {
    const { digest } = await registry.objects.put(onnxBytes('of somebody else'));
    expect(await registry.call('sam', 'POST', '/v1/models/claims-taken/versions', { artifactDigest: digest, signature })).toMatchObject({
      status: 404,
      body: { code: 'registry.artifact_not_found' },
    });
  });

  it('describes its API without a key', async () => {
    const { body } = await registry.call(null, 'GET', '/openapi.json');
    expect(body.openapi).toBe('3.1.0');
    expect(body.paths['/v1/models/{model}/versions/{version}/promotions'].post.requestBody).toBeDefined();
    expect(openBodies(body)).toEqual([]);
  });

  it('names what is misspelt, in bodies and queries', async () => {
    const fault = async (...[method, path, body]: ['POST' | 'GET' | 'DELETE', string, object?]) => {
      const { status, body: answer } = await registry.call('root', method, path, body);
      return [status, answer.code, JSON.stringify(answer.errors)];
    };
    const names = (field: string) => [400, 'platform.invalid_request', expect.stringContaining(field)];
    const webhook = { name: 'ci', url: 'https://ci.example/hook', event: ['registry.alias.moved.v1'] };
    expect(await fault('POST', '/v1/webhooks', webhook)).toEqual(names('event'));
    const [input] = signature.inputs;
    const upload = { artifactDigest: 'a'.repeat(64), signature: { ...signature, inputs: [{ ...input, colums: ['a'] }] } };
    expect(await fault('POST', '/v1/models/claims/versions', upload)).toEqual(names('colums'));
    expect(await fault('POST', '/v1/models/claims/versions/1/load-tests', { requestsPerSecond: 5, second: 1 })).toEqual(names('second'));
    // without a word this would have taken the alias of production away
    expect(await fault('DELETE', '/v1/models/claims/aliases/blue?enviroment=staging&reason=not+needed')).toEqual(names('enviroment'));
  });

  it('pages through lists', async () => {
    const first = await registry.call('sam', 'GET', '/v1/models?limit=1');
    const second = await registry.call('sam', 'GET', `/v1/models?limit=1&cursor=${first.body.nextCursor}`);
    expect(first.body.items).toHaveLength(1);
    expect(second.body.items[0].name > first.body.items[0].name).toBe(true);
    expect(await registry.call('sam', 'GET', '/v1/models?cursor=nonsense')).toMatchObject({
      status: 400,
      body: { code: 'platform.invalid_cursor' },
    });
  });
});
