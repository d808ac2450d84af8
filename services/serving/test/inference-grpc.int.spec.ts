import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { connect } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { grpcHealth, inference } from '@bascule/proto';
import { eventually } from '@bascule/testing';
import { create, toBinary } from '@bufbuild/protobuf';
import { type Client, Code, ConnectError, createClient } from '@connectrpc/connect';
import { compressionGzip, createGrpcTransport } from '@connectrpc/connect-node';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { spawnGateway } from './gateway-process.js';
import { scaleModel, scaleSignature } from './onnx-models.js';
import { ready, type ServingStack, servingStack } from './serving-stack.js';

describe('the Open Inference Protocol over gRPC', () => {
  let stack: ServingStack;
  let client: Client<typeof inference.GRPCInferenceService>;
  let headers: Record<string, string>;
  let baseUrl: string;
  const input = { name: 'x', datatype: 'FP32', shape: [2n, 1n] };

  beforeAll(async () => {
    stack = await servingStack();
    headers = { authorization: `Bearer ${await stack.key(['client'])}` };
    await stack.route('scale', 1, [await stack.version(1, scaleModel(2), scaleSignature, { percent: 100, role: 'champion' })]);
    const gateway = await stack.start();
    baseUrl = gateway.grpcUrl;
    await ready(gateway);
    client = createClient(inference.GRPCInferenceService, createGrpcTransport({ baseUrl }));
  });
  afterAll(() => stack?.stop());

  it('answers typed contents with typed contents', async () => {
    const request = { modelName: 'scale', id: 'r-1', inputs: [{ ...input, contents: { fp32Contents: [1.5, 2] } }] };
    const answer = await client.modelInfer(request, { headers });
    assert.equal(answer.id, 'r-1');
    assert.equal(answer.modelVersion, '1');
    assert.deepEqual(answer.outputs[0]?.contents?.fp32Contents, [3, 4]);
    assert.deepEqual(answer.outputs[0]?.shape, [2n, 1n]);
    assert.equal(answer.parameters['prediction_id']?.parameterChoice.case, 'stringParam');
  });

  it('answers raw contents raw', async () => {
    const raw = new Uint8Array(Float32Array.of(5, 6).buffer);
    const answer = await client.modelInfer({ modelName: 'scale', inputs: [input], rawInputContents: [raw] }, { headers });
    assert.deepEqual(new Float32Array(answer.rawOutputContents[0]!.slice().buffer), Float32Array.of(10, 12));
    assert.equal(answer.outputs[0]?.contents, undefined);
  });

  it('tells health and metadata', async () => {
    const probe = createClient(grpcHealth.Health, createGrpcTransport({ baseUrl }));
    for (const service of ['', 'inference.GRPCInferenceService'])
      assert.equal((await probe.check({ service })).status, grpcHealth.HealthCheckResponse_ServingStatus.SERVING);
    await assert.rejects(probe.check({ service: 'nope' }), (error: unknown) => (error as ConnectError).code === Code.NotFound);
    assert.equal((await client.serverLive({})).live, true);
    assert.equal((await client.serverReady({})).ready, true);
    assert.equal((await client.modelReady({ name: 'scale' }, { headers })).ready, true);
    const metadata = await client.modelMetadata({ name: 'scale' }, { headers });
    assert.equal(metadata.platform, 'onnx_onnxv1');
    assert.deepEqual(
      metadata.inputs.map(({ name, shape }) => ({ name, shape })),
      [{ name: 'x', shape: [-1n, 1n] }],
    );
  });

  it.each([
    ['an unknown model', { modelName: 'nope', inputs: [{ ...input, contents: { fp32Contents: [1, 2] } }] }, Code.NotFound],
    ['too few elements', { modelName: 'scale', inputs: [{ ...input, contents: { fp32Contents: [1] } }] }, Code.InvalidArgument],
    ['raw bytes of the wrong size', { modelName: 'scale', inputs: [input], rawInputContents: [new Uint8Array(3)] }, Code.InvalidArgument],
  ])('refuses %s with a status', async (_case, request, code) => {
    await assert.rejects(client.modelInfer(request, { headers }), (error: unknown) => error instanceof ConnectError && error.code === code);
  });

  it('tells which request it answered, and the code of a refusal', async () => {
    const sent = { ...headers, 'x-request-id': 'order-1' };
    const seen: (string | null)[] = [];
    const request = { modelName: 'scale', inputs: [{ ...input, contents: { fp32Contents: [1, 2] } }] };
    await client.modelInfer(request, { headers: sent, onHeader: (answered) => seen.push(answered.get('x-request-id')) });
    assert.deepEqual(seen, ['order-1']);
    await assert.rejects(client.modelInfer({ modelName: 'nope' }, { headers: sent }), (error: unknown) => {
      assert.equal((error as ConnectError).metadata.get('error-code'), 'serving.invalid_inference');
      return true;
    });
  });

  it('names with an error the version that was asked, and none where none was', async () => {
    const outputs = [{ name: 'nope' }];
    const request = { modelName: 'scale', inputs: [{ ...input, contents: { fp32Contents: [1, 2] } }], outputs };
    const faultOf = (asked: typeof request) => client.modelInfer(asked, { headers }).then(assert.fail, ConnectError.from);
    const { metadata } = await faultOf(request);
    assert.deepEqual([metadata.get('error-code'), metadata.get('x-bascule-model-version')], ['serving.invalid_inference', '1']);
    const unknown = (await faultOf({ ...request, modelName: 'nope' })).metadata;
    assert.deepEqual([unknown.get('error-code'), unknown.get('x-bascule-model-version')], ['serving.model_not_found', null]);
  });

  it('lists what is served, as the models that the key may ask', async () => {
    const { models } = await client.repositoryIndex({}, { headers });
    assert.deepEqual(
      models.map(({ name, version, state, reason }) => ({ name, version, state, reason })),
      [{ name: 'scale', version: '1', state: 'READY', reason: '' }],
    );
    const other = { authorization: `Bearer ${await stack.key(['client'], ['fraud-*'])}` };
    await eventually(async () => assert.deepEqual((await client.repositoryIndex({ ready: true }, { headers: other })).models, []));
    await assert.rejects(
      client.repositoryIndex({ repositoryName: 'second' }, { headers }),
      (error: unknown) => (error as ConnectError).code === Code.InvalidArgument,
    );
  });

  const contents = { fp32Contents: [1, 2] };
  it.each([
    [
      'contents of another kind',
      { inputs: [{ ...input, contents: { fp64Contents: [1, 2] } }] },
      /FP32 travels in fp32_contents, not in fp64_contents/,
    ],
    ['contents beside raw bytes', { inputs: [{ ...input, contents }], rawInputContents: [new Uint8Array(8)] }, /contents must be empty/],
    ['fewer raw parts than inputs', { inputs: [input, input], rawInputContents: [new Uint8Array(8)] }, /raw_input_contents has 1 elements/],
    ['a negative axis', { inputs: [{ ...input, shape: [-2n], contents }] }, /input "x": shape/],
    ['an axis of 63 bits', { inputs: [{ ...input, shape: [2n ** 62n, 0n] }] }, /input "x": shape has an axis of/],
    ['a thousand axes', { inputs: [{ ...input, shape: new Array(1000).fill(1n), contents }] }, /input "x": shape has more than 16/],
    ['an unknown datatype', { inputs: [{ ...input, datatype: 'INT322', contents }] }, /input "x": datatype must be one of/],
    ['BF16', { inputs: [{ ...input, datatype: 'BF16' }], rawInputContents: [new Uint8Array(4)] }, /does not carry BF16/],
    ['typed FP16', { inputs: [{ ...input, datatype: 'FP16', contents }] }, /FP16 travels in raw_input_contents only/],
    ['a long name', { inputs: [{ ...input, name: 'x'.repeat(100_000), contents }] }, /has a name of 100000 characters/],
    ['an unknown output', { inputs: [{ ...input, contents }], outputs: [{ name: 'nope' }] }, /output "nope"/],
    [
      'an output asked for twice',
      { inputs: [{ ...input, contents }], outputs: [{ name: 'y' }, { name: 'y' }] },
      /output "y" is asked for twice/,
    ],
    [
      'an input given twice',
      {
        inputs: [
          { ...input, contents },
          { ...input, contents },
        ],
      },
      /input "x" is given twice/,
    ],
    ['no inputs', {}, /inputs must have at least one/],
    [
      'a model name of a megabyte',
      { modelName: 'm'.repeat(1_000_000), inputs: [{ ...input, contents }] },
      /the request has a name of 1000000/,
    ],
  ])('refuses %s with a reason that names it', async (_case, request, reason) => {
    await assert.rejects(client.modelInfer({ modelName: 'scale', ...request }, { headers }), (error: unknown) => {
      assert.equal((error as ConnectError).code, Code.InvalidArgument);
      assert.match((error as ConnectError).message, reason);
      return true;
    });
  });

  it('refuses a message larger than allowed, and one that unpacks to more', async () => {
    const request = { modelName: 'scale', inputs: [input], rawInputContents: [new Uint8Array(20_000_000)] };
    const isTooLarge = (error: unknown) => {
      const { code, metadata } = error as ConnectError;
      return code === Code.ResourceExhausted && metadata.get('error-code') === 'platform.body_too_large';
    };
    // else the client's own bound on what it keeps in memory ends the call
    const patient = createGrpcTransport({ baseUrl, nodeOptions: { maxSessionMemory: 100 } });
    await assert.rejects(createClient(inference.GRPCInferenceService, patient).modelInfer(request, { headers }), isTooLarge);
    const transport = createGrpcTransport({ baseUrl, sendCompression: compressionGzip });
    await assert.rejects(createClient(inference.GRPCInferenceService, transport).modelInfer(request, { headers }), isTooLarge);
    assert.equal((await client.serverLive({})).live, true);
  });

  it('names the length of an axis as it was sent', async () => {
    const request = { modelName: 'scale', inputs: [{ ...input, shape: [4611686018427387905n, 1n] }] };
    const error = ConnectError.from(await client.modelInfer(request, { headers }).catch((reason: unknown) => reason));
    assert.match(error.rawMessage, /shape has an axis of 4611686018427387905, at most/);
  });

  const statusOf = async (method: string, bytes: Buffer) => {
    const session = connect(baseUrl);
    const path = `/inference.GRPCInferenceService/${method}`;
    const stream = session.request({ ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers', ...headers });
    const seen: Record<string, unknown> = {};
    stream.on('response', (head) => Object.assign(seen, head)).on('trailers', (trailers) => Object.assign(seen, trailers));
    stream.resume().end(bytes);
    await eventually(() => seen['grpc-status'] !== undefined);
    session.destroy();
    return [seen['grpc-status'], seen['error-code'], seen['grpc-message']];
  };

  it('refuses bytes that are no message as a fault of the caller', async () => {
    const [status, code] = await statusOf('ModelInfer', Buffer.from([0, 0, 0, 0, 3, 0xff, 0xff, 0xff]));
    assert.deepEqual([status, code], ['3', 'platform.malformed_request']);
  });

  it('refuses a method that it does not have', async () => {
    assert.deepEqual(await statusOf('ModelStreamInfer', Buffer.alloc(5)), [
      '12',
      'platform.route_not_found',
      'There is no such method (platform.route_not_found)',
    ]);
  });

  it('tells its reasons as gRPC writes them', async () => {
    const fields = { modelName: 'scale', inputs: [{ name: 'größe, 100 %', datatype: 'INT322', shape: [1n] }] };
    const message = toBinary(inference.ModelInferRequestSchema, create(inference.ModelInferRequestSchema, fields));
    const prefix = Buffer.alloc(5);
    prefix.writeUInt32BE(message.length, 1);
    const infer = Buffer.concat([prefix, message]);
    assert.match(String((await statusOf('ModelInfer', infer))[2]), /^input "gr%C3%B6%C3%9Fe, 100 %25": datatype must be one of BOOL, /);
  });

  it('takes packed messages', async () => {
    const transport = createGrpcTransport({ baseUrl, sendCompression: compressionGzip, compressMinBytes: 1 });
    const packed = createClient(inference.GRPCInferenceService, transport);
    const answer = await packed.modelInfer({ modelName: 'scale', inputs: [{ ...input, contents }] }, { headers });
    assert.deepEqual(answer.outputs[0]?.contents?.fp32Contents, [2, 4]);
  });

  it('lets nobody in without a key', async () => {
    await eventually(() =>
      assert.rejects(client.modelInfer({ modelName: 'scale' }), (error: unknown) => (error as ConnectError).code === Code.Unauthenticated),
    );
  });
});

describe('a call over gRPC', () => {
  interface ExportedSpan {
    readonly name: string;
    readonly traceId: string;
    readonly parentSpanId?: string;
    readonly kind: number;
    readonly attributes: readonly { readonly key: string; readonly value: Record<string, unknown> }[];
  }

  it('has a span in the trace of its caller, and is counted by method and code', async () => {
    const spans: ExportedSpan[] = [];
    const collector = createServer((request, response) => {
      void json(request).then((body) => {
        const { resourceSpans } = body as { resourceSpans: { scopeSpans: { spans: ExportedSpan[] }[] }[] };
        spans.push(...resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)));
        response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      });
    });
    await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
    const { port } = collector.address() as AddressInfo;
    const stack = await servingStack();
    const settings = {
      OTEL_TRACES_EXPORTER: 'otlp',
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
      OTEL_BSP_SCHEDULE_DELAY: '100',
    };
    // exporters are set up once per process
    const gateway = await spawnGateway(stack, stack.spillDir, settings);
    try {
      const token = await stack.key(['client']);
      const { grpcUrl: baseUrl } = gateway;
      const client = createClient(inference.GRPCInferenceService, createGrpcTransport({ baseUrl }));
      const [traceId, spanId] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331'];
      const headers = { authorization: `Bearer ${token}`, traceparent: `00-${traceId}-${spanId}-01` };
      await eventually(async () => {
        await assert.rejects(client.modelMetadata({ name: 'none' }, { headers }), (error: ConnectError) => error.code === Code.NotFound);
      });
      const span = await eventually(async () => {
        const found = spans.find(({ name }) => name === 'inference.GRPCInferenceService/ModelMetadata');
        assert.ok(found);
        return found;
      });
      assert.deepEqual([span.traceId, span.parentSpanId], [traceId, spanId]);
      const facts = Object.fromEntries(span.attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
      assert.equal(facts['rpc.method'], 'ModelMetadata');
      const text = await (await fetch(`${gateway.adminUrl}/metrics`)).text();
      assert.match(
        text,
        /rpc_server_duration_seconds_count\{[^}]*method="ModelMetadata"[^}]*code="5"|rpc_server_duration_seconds_count\{[^}]*code="5"[^}]*method="ModelMetadata"/,
      );
    } finally {
      await gateway.kill();
      await stack.stop();
      collector.close();
    }
  });
});
