import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { onnxBytes, type Registry, signature, startRegistry } from './start-registry.js';

let registry: Registry;
let digest: string;
beforeAll(async () => {
  registry = await startRegistry();
  digest = (await registry.call('sam', 'POST', '/v1/artifacts', onnxBytes('tried'))).body.digest;
});
afterAll(() => registry?.stop());

describe('a model file that nobody registered', () => {
  it('shows what it takes and answers', async () => {
    const { body } = await registry.call('sam', 'GET', `/v1/artifacts/${digest}/outline`);
    expect(body).toMatchObject({
      faults: [],
      inputs: [{ name: 'speed_knots', datatype: 'FP32', shape: [-1, 1] }],
      outputs: [{ name: 'probabilities', shape: [-1, 2] }],
      operators: ['Concat', 'Neg', 'Sigmoid'],
    });
    const { body: other } = await registry.call('sam', 'POST', '/v1/artifacts', Buffer.from('<html>404</html>'));
    const outline = await registry.call('sam', 'GET', `/v1/artifacts/${other.digest}/outline`);
    expect(outline.body).toMatchObject({ faults: [expect.stringMatching(/./)], inputs: [] });
  });

  it('answers once, as it would be served', async () => {
    const inputs = [{ name: 'speed_knots', shape: [2, 1], data: [0, 2] }];
    const { body } = await registry.call('sam', 'POST', `/v1/artifacts/${digest}/trials`, { signature, inputs });
    expect(body.outputs[0].shape).toEqual([2, 2]);
    expect(body.outputs[0].data[3]).toBeCloseTo(1 / (1 + Math.exp(-2)));
    const unknown = { signature, inputs: [{ name: 'other', shape: [1, 1], data: [1] }] };
    expect(await registry.call('sam', 'POST', `/v1/artifacts/${digest}/trials`, unknown)).toMatchObject({
      status: 422,
      body: { code: 'registry.artifact_not_answering', detail: expect.stringContaining('speed_knots') },
    });
    expect((await registry.call('ada', 'POST', `/v1/artifacts/${digest}/trials`, { signature, inputs })).status).toBe(403);
  });
});
