import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@bascule/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { runCli } from './run-cli.js';
import { type Answer, type StandInStack, standInStack } from './stand-in-stack.js';

const stacks: StandInStack[] = [];
afterAll(() => {
  for (const stack of stacks) stack.close();
});
async function withAnswer(answer: (path: string) => Answer): Promise<StandInStack> {
  const stack = await standInStack(answer);
  stacks.push(stack);
  return stack;
}
const promotion = (status: string, reasons: string[] = []) => ({ promotionId: 'p1', version: 2, status, reasons });

describe('register', () => {
  const folder = temporaryFolder('cli');
  const [model, signature] = [join(folder, 'm.onnx'), join(folder, 'signature.json')];
  writeFileSync(model, 'model bytes');
  const tensor = (name: string) => [{ name, datatype: 'FP32', shape: [-1, 1] }];
  writeFileSync(signature, JSON.stringify({ inputs: tensor('x'), outputs: tensor('y') }));

  it('uploads the file under its digest and registers it', async () => {
    const digest = createHash('sha256').update('model bytes').digest('hex');
    const stack = await withAnswer((path) => ({
      status: 201,
      body: path.startsWith('/v1/artifacts') ? { digest } : { modelName: 'claims', version: 4 },
    }));
    const args = ['register', 'claims', model, '--signature', signature, '--metric', 'auc=0.8', '--tag', 'team=claims', '--import'];
    const { code, out } = await runCli(stack.dir, ...args);
    expect([code, out]).toEqual([0, expect.stringContaining('claims version 4')]);
    expect(stack.requests[0]).toBe(`POST /v1/artifacts?digest=${digest} model bytes`);
    const [, body] = /^POST \/v1\/models\/claims\/versions (.*)$/.exec(stack.requests[1] ?? '') ?? [];
    expect(JSON.parse(body!)).toMatchObject({ artifactDigest: digest, metrics: { auc: 0.8 }, tags: { team: 'claims' }, source: 'import' });
  });

  it('takes files as the caller names them, whatever folder the tool runs in', async () => {
    const stack = await withAnswer((path) => ({
      status: 201,
      body: path.startsWith('/v1/artifacts') ? { digest: 'd' } : { modelName: 'claims', version: 4 },
    }));
    process.env['BASCULE_CALLER_FOLDER'] = folder;
    const { code, err } = await runCli(stack.dir, 'register', 'claims', 'm.onnx', '--signature', 'signature.json');
    delete process.env['BASCULE_CALLER_FOLDER'];
    expect([code, err]).toEqual([0, '']);
  });

  it('sends nothing when what it was given makes no sense', async () => {
    const stack = await withAnswer(() => ({ status: 500, body: {} }));
    for (const args of [
      [model, '--signature', model],
      ['none.onnx', '--signature', signature],
      [model, '--signature', signature, '--metric', 'auc'],
    ]) {
      expect((await runCli(stack.dir, 'register', 'claims', ...args)).code).toBe(1);
    }
    expect(stack.requests.filter((request) => request.includes('/versions'))).toEqual([]);
  });
});

describe('promote', () => {
  it('waits until the version went up', async () => {
    const statuses = ['requested', 'approved', 'completed'];
    const stack = await withAnswer(() => ({ status: 200, body: promotion(statuses.shift() ?? 'completed') }));
    const { code, out } = await runCli(stack.dir, 'promote', 'claims', '2', '--wait');
    expect([code, out]).toEqual([0, expect.stringContaining('claims version 2 is the champion in production')]);
  });

  it('ends with 1 and the reasons when it did not', async () => {
    const statuses = ['requested', 'refused'];
    const stack = await withAnswer(() => ({ status: 200, body: promotion(statuses.shift() ?? 'refused', ['denied by ada: no']) }));
    const { code, err } = await runCli(stack.dir, 'promote', 'claims', '2', '--wait');
    expect([code, err]).toEqual([1, expect.stringContaining('refused: denied by ada: no')]);
  });
});

describe('the strategy of a promotion', () => {
  it('is sent as it was asked for, and refused before anything is sent when it makes no sense', async () => {
    const stack = await withAnswer(() => ({ status: 201, body: promotion('requested') }));
    const send = (...args: string[]) => runCli(stack.dir, 'promote', 'claims', '2', ...args);
    const sent = () => JSON.parse(stack.requests.at(-1)?.replace(/^[^{]*/, '') ?? '').strategy;
    await send('--strategy', 'blue-green');
    expect(sent()).toEqual({ kind: 'blue-green' });
    await send('--steps', '5,100');
    expect(sent()).toEqual({ steps: [5, 100] });
    const test = { metric: { kind: 'label' }, minimumEffect: 0.01 };
    await send('--strategy', 'ab-test', '--steps', '50,100', '--test', JSON.stringify(test));
    expect(sent()).toEqual({ kind: 'ab-test', steps: [50, 100], test });
    const count = stack.requests.length;
    for (const args of [
      ['--strategy', 'green'],
      ['--steps', '5,x'],
      ['--test', '{'],
    ])
      expect((await send(...args)).code).toBe(1);
    expect(stack.requests.length).toBe(count);
  });
});

describe('ready', () => {
  const gates = [
    { gate: 'metric:auc', outcome: 'pass', reasons: ['auc is 0.8, at least 0.7'], margin: 0.1 },
    { gate: 'document:card', outcome: 'fail', reasons: ['the document card is missing'] },
  ];

  it('tells every rule with its margin, and ends with 1 when one is not met', async () => {
    const stack = await withAnswer(() => ({ status: 200, body: { isReady: false, gates } }));
    const { code, out, err } = await runCli(stack.dir, 'ready', 'claims', '2', '--environment', 'staging');
    expect(out).toContain(
      'met      metric:auc: auc is 0.8, at least 0.7 (margin 0.1)\nNOT MET  document:card: the document card is missing',
    );
    expect([code, err]).toEqual([1, expect.stringContaining('claims version 2 is not ready for staging')]);
    expect(stack.requests).toEqual(['GET /v1/models/claims/versions/2/readiness?environment=staging']);
    const fine = await withAnswer(() => ({ status: 200, body: { isReady: true, gates: gates.slice(0, 1) } }));
    expect((await runCli(fine.dir, 'ready', 'claims', '2')).code).toBe(0);
  });
});

describe('load-test', () => {
  it('waits for the figures of a gateway, or for why there are none', async () => {
    const statuses = ['requested', 'requested', 'measured'];
    const body = { answeredPerSecond: 199.5, failedCount: 1, p50Ms: 2, p99Ms: 9 };
    const test = () => ({ loadTestId: 't1', status: statuses.shift(), reasons: [], evidenceId: 'e1' });
    const stack = await withAnswer((path) => ({
      status: 200,
      body: path.includes('/evidence') ? { items: [{ evidenceId: 'e1', body }] } : test(),
    }));
    const { code, out } = await runCli(stack.dir, 'load-test', 'claims', '2', '--rate', '200');
    expect([code, out]).toEqual([0, '199.5 requests per second answered, 1 not; half within 2 ms, 99 % within 9 ms\n']);
    expect(stack.requests[0]).toBe(
      'POST /v1/models/claims/versions/2/gateway-load-tests {"requestsPerSecond":200,"rowsPerRequest":1,"seconds":5,"connections":16,"environment":"production"}',
    );
    const failed = { loadTestId: 't1', status: 'failed', reasons: ['no gateway was done'], evidenceId: null };
    const away = await withAnswer(() => ({ status: 200, body: failed }));
    expect((await runCli(away.dir, 'load-test', 'claims', '2', '--rate', '200')).err).toContain('no gateway was done');
  });
});

describe('rollback', () => {
  it('stops the rollout under way', async () => {
    const running = { rolloutId: 'r1', version: 2, environment: 'production', status: 'running' };
    const stack = await withAnswer((path) => ({ status: 200, body: path.includes('abort') ? {} : { items: [running] } }));
    expect((await runCli(stack.dir, 'rollback', 'claims', '--reason', 'wrong answers')).code).toBe(0);
    expect(stack.requests.at(-1)).toBe('POST /v1/rollouts/r1/abort {"reason":"wrong answers"}');
  });

  it('asks for the former champion when none is under way', async () => {
    let stays = [2, 1];
    const answers = (path: string): unknown => {
      if (path.startsWith('/v1/rollouts'))
        return { items: [{ rolloutId: 'r1', version: 2, environment: 'production', status: 'completed' }] };
      return path.includes('history') ? { items: stays.map((version) => ({ version })) } : promotion('requested');
    };
    const stack = await withAnswer((path) => ({ status: 200, body: answers(path) }));
    expect((await runCli(stack.dir, 'rollback', 'claims', '--reason', 'wrong answers')).out).toContain('back to version 1');
    expect(stack.requests.at(-1)).toBe(
      'POST /v1/models/claims/versions/1/promotions {"environment":"production","strategy":{"kind":"all-at-once"},"override":{"reason":"rollback: wrong answers"}}',
    );
    // back at 2: neither the version that was left nor one that came later is a way back
    stays = [2, 3, 2, 1];
    await runCli(stack.dir, 'rollback', 'claims', '--reason', 'wrong answers');
    expect(stack.requests.at(-1)).toContain('/versions/1/promotions');
    stays = [1, 2, 1];
    expect((await runCli(stack.dir, 'rollback', 'claims', '--reason', 'wrong answers')).err).toContain('no other champion');
  });
});

describe('approve', () => {
  it('votes on the approval of a promotion and tells who is still missing', async () => {
    const items = [{ approvalId: 'a1' }];
    const stack = await withAnswer((path) => ({
      status: 200,
      body: path.endsWith('/votes') ? { status: 'pending', missing: ['operator'] } : { items },
    }));
    const { code, out } = await runCli(stack.dir, 'approve', 'p1', '--reason', 'looks right');
    expect([code, out]).toEqual([0, 'the promotion is pending; still missing: operator\n']);
    expect(stack.requests).toEqual([
      'GET /v1/approvals?promotionId=p1',
      'POST /v1/approvals/a1/votes {"decision":"grant","reason":"looks right"}',
    ]);
    await runCli(stack.dir, 'deny', 'p1', '--reason', 'not now', '--as', 'operator');
    expect(stack.requests.at(-1)).toContain('"decision":"deny"');
  });

  it('says when nobody is asked, and refuses a role that never votes', async () => {
    const stack = await withAnswer(() => ({ status: 200, body: { items: [] } }));
    expect((await runCli(stack.dir, 'approve', 'p1', '--reason', 'fine')).err).toContain("waits for nobody's vote");
    expect((await runCli(stack.dir, 'approve', 'p1', '--reason', 'fine', '--as', 'client')).err).toContain('nobody votes as client');
  });
});
