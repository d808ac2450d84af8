import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { scaleModel, scaleSignature } from './onnx-models.js';
import { type Running, ready, type ServingStack, servingStack } from './serving-stack.js';

const handledChannel = 'tracing:fastify.request.handler:start';

describe('the express lane of plain inferences', () => {
  let stack: ServingStack;
  let gateway: Running;
  let client: string;

  beforeAll(async () => {
    stack = await servingStack();
    client = await stack.key(['client']);
    await stack.route('scale', 1, [await stack.version(1, scaleModel(2), scaleSignature, { percent: 100, role: 'champion' })]);
    gateway = await stack.start();
    await ready(gateway);
  });
  afterAll(() => stack?.stop());

  /** Status, headers and body of an inference, and whether the web framework has handled it. */
  async function ask(body: string, headers: Record<string, string> = {}) {
    let handled = 0;
    const count = () => handled++;
    subscribe(handledChannel, count);
    try {
      const response = await fetch(`${gateway.url}/v2/models/scale/infer`, {
        method: 'POST',
        headers: { authorization: `Bearer ${client}`, 'content-type': 'application/json', 'x-request-id': 'asked-1', ...headers },
        body,
      });
      const text = await response.text();
      // the framework ends the connection behind a body that it could not read
      const { date: _date, connection: _connection, 'keep-alive': _keepAlive, ...all } = Object.fromEntries(response.headers);
      // an id is drawn for each prediction
      const answer = { status: response.status, headers: all, text: text.replace(/[0-9a-f-]{36}/g, (id) => '#'.repeat(id.length)) };
      return { answer, handled };
    } finally {
      unsubscribe(handledChannel, count);
    }
  }

  it.each([
    ['an answer', 200, '{"id":"r-1","inputs":[{"name":"x","datatype":"FP32","shape":[2,1],"data":[1.5,null]}]}'],
    ['a refusal', 400, '{"inputs":[{"name":"z","datatype":"FP32","shape":[1,1],"data":[1]}]}'],
    ['the word that it is no JSON', 400, '{"inputs":'],
  ])('gives %s past the web framework, and byte for byte as the framework does', async (_, status, body) => {
    const fast = await ask(body);
    const usual = await ask(body, { 'x-unusual': 'yes' });
    assert.equal(fast.answer.status, status);
    assert.equal(fast.handled, 0);
    assert.deepEqual(fast.answer, usual.answer);
  });

  it('leaves to the web framework what carries an unusual header', async () => {
    const body = '{"inputs":[{"name":"x","datatype":"FP32","shape":[1,1],"data":[1]}]}';
    assert.equal((await ask(body)).handled, 0);
    assert.equal((await ask(body, { 'x-unusual': 'yes' })).handled, 1);
  });
});
