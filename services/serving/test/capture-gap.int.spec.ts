import assert from 'node:assert/strict';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { gatewayStopped, type ModelSignature } from '@bascule/contracts';
import { eventually, temporaryFolder } from '@bascule/testing';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { spawnGateway } from './gateway-process.js';
import { scaleModel } from './onnx-models.js';
import { call, captured, ready, type ServingStack, servingStack } from './serving-stack.js';

const columns = 1_000;
const signature: ModelSignature = {
  inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, columns] }],
  outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, columns] }],
};

describe('what a killed gateway left, or did not', () => {
  let stack: ServingStack;
  let client: string;

  beforeAll(async () => {
    stack = await servingStack();
    client = await stack.key(['client']);
    await stack.route('wide', 1, [await stack.version(1, scaleModel(2, columns), signature, { percent: 100, role: 'champion' })]);
  });
  afterAll(() => stack?.stop());

  it('is a gap in the sequence where a file was removed, and the block behind it says exactly how many rows it held', async () => {
    const spillDir = temporaryFolder('spill-gap');
    const first = await spawnGateway(stack, spillDir);
    await ready(first);
    await stack.nats.kill();
    const rows = 50;
    const body = { inputs: [{ name: 'x', shape: [rows, columns], datatype: 'FP32', data: new Array(rows * columns).fill(1) }] };
    const ids: string[] = [];
    const files = () =>
      readdirSync(spillDir, { recursive: true })
        .map(String)
        .filter((path) => path.endsWith('.wal'))
        .sort();
    await eventually(
      async () => {
        const answer = await call(`${first.url}/v2/models/wide/infer`, client, { body });
        assert.equal(answer.status, 200);
        ids.push(...answer.body.parameters.prediction_id.split(','));
        assert.ok(files().length >= 3);
      },
      { timeoutMs: 30_000 },
    );
    await first.kill('SIGKILL');
    rmSync(join(spillDir, files()[1] as string));
    await stack.nats.restart();
    const second = await spawnGateway(stack, spillDir);
    const blocks = await eventually(
      async () => {
        const found = (await captured(stack)).sort((a, b) => Number(a.sequence - b.sequence));
        // the newest row is in the last file; what is lost is between two blocks that are there
        assert.ok(found.some(({ predictions }) => predictions.some(({ predictionId }) => predictionId === ids.at(-1))));
        assert.equal(found.filter(({ sequence }, i) => i > 0 && sequence !== found[i - 1]!.sequence + 1n).length, 1);
        assert.equal(found[0]?.sequence, 1n);
        return found;
      },
      { timeoutMs: 30_000 },
    );
    await second.kill('SIGTERM');
    const gap = blocks.findIndex(({ sequence }, i) => i > 0 && sequence !== blocks[i - 1]!.sequence + 1n);
    assert.ok(gap > 0);
    const [before, behind] = [blocks[gap - 1]!, blocks[gap]!];
    const lost = Number(behind.rowsBefore! - before.rowsBefore!) - before.predictions.length;
    const seen = new Set(blocks.flatMap(({ predictions }) => predictions.map(({ predictionId }) => predictionId)));
    assert.equal(lost, ids.filter((id) => !seen.has(id)).length);
    assert.ok(lost > 0);
  });

  it('is told also of one that was killed before it answered anything', async () => {
    const spillDir = temporaryFolder('spill-unused');
    const first = await spawnGateway(stack, spillDir);
    await ready(first);
    const [producer] = readdirSync(spillDir).filter((name) => existsSync(join(spillDir, name, 'owner.json')));
    await first.kill('SIGKILL');
    const second = await spawnGateway(stack, spillDir);
    await eventually(
      async () => {
        const last = await stack.connection.jsm.streams.getMessage('SERVING', { last_by_subj: gatewayStopped.type });
        const { producer: ended, lastSequence, isClean } = last!.json<{ producer: string; lastSequence: number; isClean: boolean }>();
        assert.deepEqual({ ended, lastSequence, isClean }, { ended: producer, lastSequence: 0, isClean: false });
      },
      { timeoutMs: 20_000 },
    );
    await second.kill('SIGTERM');
  });
});
