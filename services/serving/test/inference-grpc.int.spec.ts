import assert from 'node:assert/strict';
import { inference } from '@bascule/proto';
import { eventually } from '@bascule/testing';
import { type Client, Code, ConnectError, createClient } from '@connectrpc/connect';
import { createGrpcTransport } from '@connectrpc/connect-node';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { scaleModel, scaleSignature } from './onnx-models.js';
import { ready, type ServingStack, servingStack } from './serving-stack.js';

describe('the Open Inference Protocol over gRPC', () => {
  let stack: ServingStack;
  let client: Client<typeof inference.GRPCInferenceService>;
  let headers: Record<string, string>;
  const input = { name: 'x', datatype: 'FP32', shape: [2n, 1n] };

  beforeAll(async () => {
    stack = await servingStack();
    headers = { authorization: `Bearer ${await stack.key(['client'])}` };
    await stack.route('scale', 1, [await stack.version(1, scaleModel(2), scaleSignature, { percent: 100, role: 'champion' })]);
    const gateway = await stack.start();
    await ready(gateway);
    client = createClient(inference.GRPCInferenceService, createGrpcTransport({ baseUrl: gateway.grpcUrl }));
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

  it('lets nobody in without a key', async () => {
    await eventually(() =>
      assert.rejects(client.modelInfer({ modelName: 'scale' }), (error: unknown) => (error as ConnectError).code === Code.Unauthenticated),
    );
  });
});
