import { createHash, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { locateDataDirectory, openDataDirectory } from '@bascule/launcher';
import { commitTo, newSignerKey, readSignerKey, signProvenance, signReceipt, verifierKeyOf } from '@bascule/proofs';
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

describe('without a running stack', () => {
  it.each([['status'], ['why', 'x'], ['freeze', '--reason', 'r'], ['dead-letters', 'list']])(
    '%s says how to start one',
    async (...args) => {
      const { code, err } = await runCli(join(temporaryFolder('cli'), 'not', 'there'), ...args);
      expect(code).toBe(1);
      expect(err).toContain('no stack is running');
      expect(err).toContain('npm start');
      expect(err).not.toContain(' at ');
    },
  );

  it('stop has nothing to do', async () => {
    const { code, out } = await runCli(join(temporaryFolder('cli'), 'none'), 'stop');
    expect([code, out]).toEqual([0, expect.stringContaining('no stack is running')]);
  });
});

describe('reset', () => {
  it('removes a data directory', async () => {
    const { dir } = openDataDirectory(join(temporaryFolder('cli'), '.bascule'));
    const { code, out } = await runCli(dir, 'reset', '--yes');
    expect([code, out]).toEqual([0, expect.stringContaining(`all data and keys in ${dir}`)]);
    expect(existsSync(dir)).toBe(false);
  });

  it('wants a word without a terminal', async () => {
    const { dir } = openDataDirectory(join(temporaryFolder('cli'), '.bascule'));
    const { code, err } = await runCli(dir, 'reset');
    expect([code, err]).toEqual([1, expect.stringContaining(`npm run bascule -- reset --yes --data ${dir}`)]);
    expect(existsSync(dir)).toBe(true);
  });

  it('removes nothing while your servers cannot be reached, and says what to type', async () => {
    const directory = openDataDirectory(join(temporaryFolder('cli'), '.bascule'));
    const servers = { databaseUrl: 'postgres://me:word@127.0.0.1:1/mine', natsUrl: 'nats://127.0.0.1:1' };
    writeFileSync(directory.path('servers.json'), JSON.stringify(servers));
    const { code, err } = await runCli(directory.dir, 'reset', '--yes');
    expect([code, err]).toEqual([1, expect.stringContaining('DATABASE_URL: cannot connect')]);
    expect(err).toContain('in psql at 127.0.0.1:1/mine: DROP SCHEMA IF EXISTS ingestion, ');
    expect(err).toContain('nats stream rm -f KV_bascule_access');
    expect(err).not.toContain('word');
    expect(existsSync(directory.dir)).toBe(true);
    expect((await runCli(directory.dir, 'reset', '--yes', '--folder-only')).code).toBe(0);
    expect(existsSync(directory.dir)).toBe(false);
  });

  it('removes no folder that is not a data directory', async () => {
    const dir = join(temporaryFolder('cli'), 'home');
    mkdirSync(dir);
    const { code, err } = await runCli(dir, 'reset');
    expect([code, err]).toEqual([1, expect.stringContaining('is not a data directory')]);
    expect(existsSync(dir)).toBe(true);
  });

  it('refuses while the stack runs', async () => {
    const { dir } = await withAnswer(() => ({ status: 200, body: {} }));
    const { code, err } = await runCli(dir, 'reset');
    expect([code, err]).toEqual([1, expect.stringContaining(`Stop it first: npm run bascule -- stop --data ${dir}`)]);
  });
});

describe('logs', () => {
  it('shows the end of every log of a service', async () => {
    const { dir } = openDataDirectory(join(temporaryFolder('cli'), '.bascule'));
    const logs = locateDataDirectory(dir).path('logs');
    writeFileSync(join(logs, 'serving-1.log'), 'one\ntwo\nthree\n');
    writeFileSync(join(logs, 'serving-2.log'), 'four\n');
    writeFileSync(join(logs, 'nats.log'), 'five\n');
    expect((await runCli(dir, 'logs', 'serving', '--lines', '2')).out).toBe('== serving-1.log\ntwo\nthree\n== serving-2.log\nfour\n');
    expect((await runCli(dir, 'logs', 'nats')).out).toBe('five\n');
    expect((await runCli(dir, 'logs', 'sevring')).err).toContain('there are: nats, serving');
  });
});

describe('the loop', () => {
  it('is frozen with a reason', async () => {
    const { dir, requests } = await withAnswer(() => ({
      status: 200,
      body: { frozen: true, by: 'operator@local', reason: 'r', since: '2026-01-02T10:00:00.000Z' },
    }));
    expect((await runCli(dir, 'freeze', '--reason', 'a look first')).out).toContain('frozen by operator@local');
    expect(requests).toEqual(['POST /v1/freeze {"reason":"a look first"}']);
    const { code, err } = await runCli(dir, 'freeze');
    expect([code, err]).toEqual([1, expect.stringContaining('--reason')]);
  });

  it('tells why, and passes on a refusal in the words of the service', async () => {
    const summary = 'Run 1 made a model for claims-triage.';
    const chain = [{ time: '2026-01-02T10:00:00.000Z', type: 't', eventId: 'e', summary }];
    const { dir } = await withAnswer((path) =>
      path.endsWith('/known')
        ? { status: 200, body: { id: 'known', kind: 'run', chain } }
        : { status: 404, body: { title: 'Nothing is known under this id', remedy: 'Use the id of an event, run or batch.' } },
    );
    expect((await runCli(dir, 'why', 'known')).out).toContain(summary);
    const { code, err } = await runCli(dir, 'why', 'unknown');
    expect([code, err]).toEqual([1, 'Nothing is known under this id\nUse the id of an event, run or batch.\n']);
  });

  it('shows every process and whether it is ready', async () => {
    const { dir } = await withAnswer((path) => ({ status: path === '/health/ready' ? 200 : 200, body: { frozen: false } }));
    const { code, out } = await runCli(dir, 'status');
    expect(code).toBe(0);
    for (const name of ['console-1', 'ingestion-1', 'governance-1', 'launcher']) expect(out).toContain(name);
    expect(out).toContain('not frozen');
  });

  it('says with its exit code that something is not ready', async () => {
    const { dir } = await withAnswer((path) => ({ status: path === '/health/ready' ? 503 : 200, body: { frozen: false } }));
    const { code, out } = await runCli(dir, 'status');
    expect([code, out]).toEqual([1, expect.stringContaining('NOT READY')]);
  });
});

describe('verify-receipt', () => {
  const folder = temporaryFolder('receipt');
  const signer = readSignerKey(newSignerKey('bascule-gateway'));
  const hash = 'a'.repeat(64);
  const outputs = commitTo({ y: 0.75 }, Buffer.from(hash, 'hex')).toString('hex');
  const row = { predictionId: 'p', inputs: hash, outputs, salt: hash, kept: 'values' as const };
  const receipt = signReceipt(
    {
      format: 'bascule.receipt/v1',
      modelName: 'claims-triage',
      modelVersion: 3,
      artifactDigest: hash,
      requestId: 'r',
      keyId: 'k',
      answeredAt: '2020-01-01T00:00:00.000Z',
      producer: 'g',
      blocks: { from: 1, to: 1 },
      rows: [row],
    },
    signer,
  );

  it('reads a receipt, or the answer it came with, and refuses what the gateway did not sign', async () => {
    const key = verifierKeyOf(signer);
    writeFileSync(join(folder, 'note'), receipt);
    writeFileSync(join(folder, 'answer'), JSON.stringify({ parameters: { prediction_id: 'p', receipt } }));
    writeFileSync(join(folder, 'forged'), receipt.replace('"modelVersion":3', '"modelVersion":4'));
    writeFileSync(join(folder, 'none'), JSON.stringify({ parameters: {} }));
    for (const file of ['note', 'answer']) {
      const { code, out } = await runCli(folder, 'verify-receipt', join(folder, file), '--key', key);
      expect([code, out]).toEqual([0, expect.stringContaining('claims-triage version 3')]);
      expect(out).toContain('not checked');
    }
    const forged = await runCli(folder, 'verify-receipt', join(folder, 'forged'), '--key', key);
    expect([forged.code, forged.out]).toEqual([1, expect.stringContaining('NOT GENUINE')]);
    expect((await runCli(folder, 'verify-receipt', join(folder, 'none'), '--key', key)).err).toContain('holds no receipt');
    expect((await runCli(folder, 'verify-receipt', join(folder, 'note'), '--key', key, '--log-key', key)).err).toContain('go together');
    expect((await runCli(folder, 'verify-receipt', join(folder, 'note'), '--key', 'garbage')).err).toMatch(/^--key is no verifier key/);
  });
});

describe('the answer beside a receipt', () => {
  const folder = temporaryFolder('answer');
  const signer = readSignerKey(newSignerKey('bascule-gateway'));
  const salt = 'a'.repeat(64);
  const hashed = (value: object) => commitTo(value, Buffer.from(salt, 'hex')).toString('hex');
  const row = { predictionId: 'p', inputs: hashed({ x: 1 }), outputs: hashed({ y: 0.75 }), salt, kept: 'none' as const };
  const statement = { modelName: 'm', modelVersion: 1, artifactDigest: 'd', requestId: 'r', keyId: 'k', producer: 'g', blocks: null };
  const receipt = signReceipt(
    { format: 'bascule.receipt/v1', ...statement, answeredAt: '2020-01-01T00:00:00.000Z', rows: [row], outputNames: ['y'] },
    signer,
  );
  const verify = (value: number) => {
    const outputs = [{ name: 'y', datatype: 'FP32', shape: [1, 1], data: [value] }];
    writeFileSync(join(folder, 'answer'), JSON.stringify({ parameters: { prediction_id: 'p', receipt }, outputs }));
    return runCli(folder, 'verify-receipt', join(folder, 'answer'), '--key', verifierKeyOf(signer));
  };

  it('is genuine as it was signed, and not once it was changed', async () => {
    const [genuine, changed] = [await verify(0.75), await verify(0.25)];
    expect([genuine.code, genuine.out]).toEqual([0, expect.stringMatching(/answer +genuine/)]);
    expect([changed.code, changed.out]).toEqual([1, expect.stringMatching(/answer +NOT GENUINE: the outputs of prediction p/)]);
  });
});

describe('verify', () => {
  it('names --key when there is no stack to ask', async () => {
    const folder = temporaryFolder('cli');
    writeFileSync(join(folder, 'json'), '{}');
    const { code, err } = await runCli(join(folder, 'none'), 'verify', join(folder, 'json'));
    expect([code, err]).toEqual([1, expect.stringContaining('--key KEY')]);
  });

  it('refuses what is no evidence bundle', async () => {
    const folder = temporaryFolder('cli');
    writeFileSync(join(folder, 'text'), 'hello');
    writeFileSync(join(folder, 'json'), '{}');
    const key = 'example.org+00000000+AA==';
    expect((await runCli(folder, 'verify', join(folder, 'text'), '--key', key)).err).toContain('is not JSON');
    const { code, out } = await runCli(folder, 'verify', join(folder, 'json'), '--key', key);
    expect([code, out]).toEqual([1, expect.stringContaining('integrity     BROKEN')]);
    expect((await runCli(folder, 'verify', join(folder, 'absent'), '--key', key)).err).toContain('cannot read');
  });
});

it('names the commands when one is mistyped', async () => {
  const { code, err } = await runCli('.bascule', 'sttaus');
  expect([code, err]).toEqual([1, expect.stringContaining("unknown command 'sttaus'")]);
});

describe('batch', () => {
  it('sends the file, follows the job and writes the results', async () => {
    const rows = { total: 2, done: 2, failed: 1 };
    const times = { acceptedAt: '2026-05-01T10:00:00.000Z', endedAt: null };
    const view = { jobId: 'j1', status: 'running', reason: null, rows, rowsPerSecond: 2, secondsLeft: 0, ...times };
    const ended = { ...view, status: 'succeeded', rowsPerSecond: null, secondsLeft: null, endedAt: '2026-05-01T10:00:00.500Z' };
    const { dir, requests } = await withAnswer((path) => {
      if (path.endsWith('/result')) return { status: 200, body: 'row,y' };
      return { status: 202, body: path.includes('/models/') ? view : ended };
    });
    const file = join(temporaryFolder('cli'), 'rows.csv');
    writeFileSync(file, 'id,x\na,1\n');
    const { code, out, err } = await runCli(dir, 'batch', 'claims', file, '--id', 'id');
    expect(err).toContain('2 of 2 rows in 1 s, 4 per second');
    // not of every row
    expect([code, out]).toEqual([2, expect.stringContaining(`2 rows, 1 of them with an error: ${file}.predictions.csv`)]);
    expect(requests[0]).toBe('POST /v1/models/claims/batch-jobs?output=csv&id=id id,x\na,1');
    expect(existsSync(`${file}.predictions.csv`)).toBe(true);
  });

  it('tells why a job failed, or that there is no such file', async () => {
    const rows = { total: null, done: 0, failed: 0 };
    const times = { acceptedAt: '2026-05-01T10:00:00.000Z', endedAt: '2026-05-01T10:00:01.000Z' };
    const view = { jobId: 'j1', status: 'failed', reason: 'no model', rows, rowsPerSecond: null, secondsLeft: null, ...times };
    const { dir } = await withAnswer(() => ({ status: 200, body: view }));
    const file = join(temporaryFolder('cli'), 'rows.csv');
    expect((await runCli(dir, 'batch', 'claims', file)).err).toContain('there is no file');
    writeFileSync(file, 'x\n1\n');
    const { code, err } = await runCli(dir, 'batch', 'claims', file);
    expect([code, err]).toEqual([1, expect.stringContaining('the batch job failed: no model')]);
  });
});

describe('verify-provenance', () => {
  const folder = temporaryFolder('provenance');
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const envelope = signProvenance(
    {
      subjects: [{ name: 'model.onnx', digest: createHash('sha256').update('a model').digest('hex') }],
      buildType: 'https://example.org/run/v1',
      externalParameters: { trainer: 'prior' },
      internalParameters: { seed: 7 },
      dependencies: [{ name: 'dataset', digest: 'b'.repeat(64), annotations: { contract: 'claims@2' } }],
      builder: { id: 'https://example.org/training', version: { training: '1.0.0' } },
      invocationId: 'run-1',
      startedOn: '2026-01-01T00:00:00Z',
      finishedOn: '2026-01-01T00:01:00Z',
      byproducts: [],
    },
    privateKey,
  );
  const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }) as string;
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };

  it('tells what a model was made from, and refuses what no trusted key signed or is another model', async () => {
    const [signed, model, other] = [file('signed', envelope), file('model', 'a model'), file('other', 'another')];
    for (const keys of [file('keys', publicKey), file('keys.json', JSON.stringify({ items: [{ keyId: 'k', publicKey }] }))]) {
      const { code, out } = await runCli(folder, 'verify-provenance', signed, '--keys', keys, '--model', model);
      expect([code, out]).toEqual([0, expect.stringContaining('in run        run-1')]);
      expect(out).toContain(`dataset  sha256:${'b'.repeat(64)}  {"contract":"claims@2"}`);
    }
    const keys = file('keys', publicKey);
    const wrong = await runCli(folder, 'verify-provenance', signed, '--keys', keys, '--model', other);
    expect([wrong.code, wrong.out]).toEqual([1, expect.stringContaining('NOT ONE')]);
    const stranger = createPublicKey(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
    const strange = file('strange', stranger.export({ type: 'spki', format: 'pem' }) as string);
    const forged = await runCli(folder, 'verify-provenance', signed, '--keys', strange);
    expect([forged.code, forged.out]).toEqual([1, expect.stringContaining('NOT GENUINE')]);
    expect((await runCli(folder, 'verify-provenance', signed, '--keys', signed)).err).toContain('holds no public keys');
  });
});
