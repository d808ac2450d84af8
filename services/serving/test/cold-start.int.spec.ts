import assert from 'node:assert/strict';
import { eventually, temporaryFolder } from '@bascule/testing';
import { expect, it } from 'vitest';
import { spawnGateway } from './gateway-process.js';
import { scaleModel, scaleSignature } from './onnx-models.js';
import { call, ready, servingStack } from './serving-stack.js';

const body = { inputs: [{ name: 'x', shape: [1, 1], datatype: 'FP32', data: [21] }] };

it('a gateway starts and serves from the KV store and the object store alone', async () => {
  const stack = await servingStack();
  const client = await stack.key(['client']);
  const shares = [
    { percent: 90, role: 'champion' },
    { percent: 10, role: 'challenger' },
  ] as const;
  const versions = [
    await stack.version(1, scaleModel(2), scaleSignature, shares[0]),
    await stack.version(2, scaleModel(2), scaleSignature, shares[1]),
  ];
  await stack.route('cold', 7, versions, '01890000-0000-7000-8000-000000000001');
  // there is no registry, and the address of the database leads nowhere
  const nowhere = { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' };
  for (const settings of [nowhere, { ...nowhere, SERVING_PROCESSES: '2' }]) {
    // what NATS knows, it knows from its own disk
    await stack.nats.kill();
    await stack.nats.restart();
    const gateway = await spawnGateway(stack, temporaryFolder('spill-cold'), settings);
    await ready(gateway);
    const answer = await call(`${gateway.url}/v2/models/cold/infer`, client, { body });
    assert.equal(answer.status, 200);
    expect(answer.body.outputs[0].data).toEqual([42]);
    const pinned = await call(`${gateway.url}/v2/models/cold/versions/2/infer`, client, { body });
    assert.equal(pinned.body.model_version, '2');
    assert.equal(await gateway.kill('SIGTERM'), 0);
  }
  await eventually(() => stack.connection.isConnected);
  await stack.stop();
});
