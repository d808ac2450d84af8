import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { Agent, request } from 'node:http';
import { eventually, temporaryFolder } from '@bascule/testing';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { spawnGateway } from './gateway-process.js';
import { scaleModel, scaleSignature } from './onnx-models.js';
import { captured, type ServingStack, servingStack } from './serving-stack.js';

const body = JSON.stringify({ inputs: [{ name: 'x', shape: [1, 1], datatype: 'FP32', data: [1] }] });

/** Nobody waits so long for an answer, or for the end of the connection. */
const silenceMs = 8_000;

describe('several gateway processes behind one port', () => {
  let stack: ServingStack;
  let client: string;
  const start = (name: string) => spawnGateway(stack, temporaryFolder(name), { SERVING_PROCESSES: '2', DRAIN_MS: '8000' });

  beforeAll(async () => {
    stack = await servingStack();
    client = await stack.key(['client']);
    await stack.route('scale', 1, [await stack.version(1, scaleModel(2), scaleSignature, { percent: 100, role: 'champion' })]);
  });
  afterAll(() => stack?.stop());

  function infer(url: string, agent: Agent): Promise<{ status: number; id: string }> {
    return new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${client}`, 'content-type': 'application/json', 'content-length': body.length };
      const sent = request(`${url}/v2/models/scale/infer`, { method: 'POST', agent, headers }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part) => {
          text += part;
        });
        response.once('error', reject);
        response.once('end', () => resolve({ status: response.statusCode ?? 0, id: JSON.parse(text).parameters?.prediction_id ?? text }));
      });
      sent.setTimeout(silenceMs, () => sent.destroy(Object.assign(new Error('neither answered nor cut'), { code: 'SILENCE' })));
      sent.once('error', reject).end(body);
    });
  }

  /** Eight clients with a connection each, asking on and on; what went wrong is kept by what it was. */
  function load(url: string) {
    const ids: string[] = [];
    const faults: string[] = [];
    let isOver = false;
    const clients = Array.from({ length: 8 }, async () => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      while (!isOver) {
        try {
          const { status, id } = await infer(url, agent);
          if (status === 200) ids.push(id);
          else faults.push(`${status} ${id}`);
        } catch (error) {
          const { code } = error as { code?: string };
          // nobody listens any more: the request was not accepted
          if (code === 'ECONNREFUSED') break;
          faults.push(code ?? String(error));
        }
      }
      agent.destroy();
    });
    return {
      ids,
      faults,
      stop: async () => {
        isOver = true;
        await Promise.all(clients);
      },
    };
  }
  const childrenOf = (pid: number) =>
    execFileSync('pgrep', ['-P', String(pid), '-f', 'main.js'])
      .toString()
      .trim()
      .split('\n')
      .map(Number);
  const unseen = async (ids: string[]) => {
    const seen = new Set((await captured(stack)).flatMap(({ predictions }) => predictions.map(({ predictionId }) => predictionId)));
    return ids.filter((id) => !seen.has(id));
  };

  it('share connections, are ready together and show their metrics apart', async () => {
    const gateway = await start('spill-shared');
    const { ids, faults, stop } = load(gateway.url);
    assert.equal((await fetch(`${gateway.adminUrl}/health/ready`)).status, 200);
    const answered = async () => {
      const page = await (await fetch(`${gateway.adminUrl}/metrics`)).text();
      return ['1', '2'].map((process) => new RegExp(`^serving_predictions_total\\{process="${process}".* (\\d+)`, 'm').exec(page)?.[1]);
    };
    await eventually(async () => assert.ok((await answered()).every((count) => Number(count) > 50)));
    await stop();
    assert.deepEqual(faults, []);
    await gateway.kill('SIGTERM');
    assert.deepEqual(await unseen(ids), []);
  });

  it('answer on when one of them is killed: only what it was answering is lost, and it comes back', async () => {
    const gateway = await start('spill-one-killed');
    const { ids, faults, stop } = load(gateway.url);
    await eventually(() => ids.length > 200);
    const before = childrenOf(gateway.pid);
    assert.equal(before.length, 2);
    process.kill(before[0] as number, 'SIGKILL');
    await eventually(
      async () => {
        assert.equal((await fetch(`${gateway.adminUrl}/health/ready`)).status, 200);
        const now = childrenOf(gateway.pid);
        assert.ok(now.length === 2 && !now.includes(before[0] as number));
      },
      { timeoutMs: 30_000 },
    );
    const soFar = ids.length;
    await eventually(() => ids.length > soFar + 200);
    await stop();
    // one request per connection at most, and nothing but cut connections
    assert.ok(faults.length <= 8, `${faults.length} faults: ${faults.join()}`);
    assert.deepEqual(
      faults.filter((fault) => !/ECONNRESET|EPIPE|socket hang up/.test(fault)),
      [],
    );
    assert.equal(await gateway.kill('SIGTERM'), 0);
    // the one that took over publishes what the killed one had written ahead
    assert.deepEqual(await unseen(ids), []);
  });

  it('leave no connection hanging that was on its way to one that is killed', async () => {
    const gateway = await start('spill-killed-often');
    const [victim = 0] = childrenOf(gateway.pid);
    // it takes nothing any more, and the parent does not know
    process.kill(victim, 'SIGSTOP');
    const outcomes: string[] = [];
    const ask = async () => {
      const answer = await infer(gateway.url, new Agent({ keepAlive: false })).catch(({ code }: { code?: string }) => ({ status: code }));
      outcomes.push(String(answer.status));
    };
    const calls = Array.from({ length: 4 }, ask);
    await eventually(() => outcomes.length === 3);
    process.kill(victim, 'SIGKILL');
    await Promise.all(calls);
    await gateway.kill('SIGKILL');
    assert.deepEqual(outcomes, ['200', '200', '200', 'ECONNRESET']);
  });

  it('stop together without a failed request, and leave no process behind', async () => {
    const gateway = await start('spill-drained');
    const { ids, faults, stop } = load(gateway.url);
    await eventually(() => ids.length > 300);
    const children = childrenOf(gateway.pid);
    assert.equal(await gateway.kill('SIGTERM'), 0);
    await stop();
    assert.deepEqual(faults, []);
    for (const pid of children) assert.throws(() => process.kill(pid, 0));
    assert.deepEqual(await unseen(ids), []);
  });

  it('end when they cannot start, instead of trying for ever', async () => {
    await assert.rejects(spawnGateway(stack, temporaryFolder('spill-bad'), { SERVING_PROCESSES: '2', OBJECT_ROOT: '' }), /ended before/);
  });
});
