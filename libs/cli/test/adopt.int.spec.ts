import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@bascule/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { runCli } from './run-cli.js';
import { type Answer, type StandInStack, standInStack } from './stand-in-stack.js';

const folder = temporaryFolder('adopt');
const [model, data] = [join(folder, 'Poc Model.onnx'), join(folder, 'claims.csv')];
writeFileSync(model, 'model bytes');
writeFileSync(data, 'Speed,fraud\n1,0\n2,1\n3,1\n');
const digest = 'a'.repeat(64);
const stacks: StandInStack[] = [];
afterAll(() => {
  for (const stack of stacks) stack.close();
});

const tensors = {
  inputs: [{ name: 'speed', datatype: 'FP32', shape: [-1, 1] }],
  outputs: [{ name: 'p', datatype: 'FP32', shape: [-1, 2] }],
};
const property = (name: string) => ({ name: name.toLowerCase(), physicalName: name, logicalType: 'number' });
const promotion = (status: string) => ({ promotionId: 'p1', status, reasons: [] });
const contract = { name: 'poc-model', schema: [{ name: 'poc-model', properties: [property('Speed'), property('fraud')] }] };

function answers(path: string, outline: object): unknown {
  if (path.startsWith('/v1/artifacts?')) return { digest };
  if (path.endsWith('/outline')) return { digest, faults: [], ...tensors, ...outline };
  if (path.endsWith('/trials')) return { outputs: [{ name: 'p', shape: [3, 2], data: [0.9, 0.1, 0.3, 0.7, 0.2, 0.8] }] };
  if (path.startsWith('/v1/contracts/drafts')) return { contract, notes: ['no column is unique'] };
  if (path.endsWith('/versions')) return { version: 1, admission: { batches: [{ rows: 1, p95Ms: 0.4 }] } };
  if (path.endsWith('/promotion-policy')) return { revision: 0 };
  return promotion('completed');
}

async function adopt(outline: object = {}, ...args: string[]) {
  const stack = await standInStack((path): Answer => ({ status: 200, body: answers(path, outline) }));
  stacks.push(stack);
  const out = join(folder, `out-${stacks.length}`);
  const all = ['adopt', '--stack', stack.dir, '--model', model, '--data', data, '--target', 'fraud', '--out', out, ...args];
  return { ...(await runCli(stack.dir, ...all)), stack, drafts: out };
}

describe('adopt', () => {
  it('drafts contract, profile and gates and registers the model; where no gateway serves, no rollout is left waiting', async () => {
    const { code, out, err, stack } = await adopt();
    expect({ code, err, out }).toEqual({ code: 0, err: '', out: expect.stringContaining('poc-model version 1: binary') });
    const sent = (pattern: RegExp) =>
      JSON.parse(pattern.exec(stack.requests.find((request) => pattern.test(request)) ?? '')?.[1] ?? 'null');
    expect(sent(/^POST \/v1\/models\/poc-model\/versions (.*)$/)).toMatchObject({
      artifactDigest: digest,
      source: 'import',
      metrics: { auc: 1, accuracy: 1 },
      samples: [{ name: 'speed', shape: [1, 1], data: [1] }],
    });
    expect(sent(/^PUT \/v1\/models\/poc-model\/promotion-policy (.*)$/).policy.approvals.staging).toEqual([]);
    expect(stack.requests.filter((request) => request.includes('/promotions'))).toEqual([]);
    expect(out).toContain('npm run bascule -- promote poc-model 1 --environment staging');
  });

  it('asks for the environment that is served, and tries the endpoint', async () => {
    const { code, out, stack } = await adopt({}, '--environment', 'production');
    expect([code, stack.requests.filter((request) => request.includes('/promotions'))]).toEqual([
      0,
      ['POST /v1/models/poc-model/versions/1/promotions {"environment":"production"}'],
    ]);
    expect(out).toContain('answers the sample request');
    expect(out).toContain('figures    of the rows of the file; rows that the model was trained on flatter it');
  });

  it('writes the drafts into a folder, the roles of the columns in the contract', async () => {
    const { out, drafts } = await adopt();
    const read = (file: string) => JSON.parse(readFileSync(join(drafts, file), 'utf8'));
    const roles = read('contract.json').schema[0].properties.map(
      ({ name, customProperties }: { name: string; customProperties: object[] }) => [name, customProperties],
    );
    expect(roles).toEqual([
      ['speed', [{ property: 'role', value: 'feature' }]],
      ['fraud', [{ property: 'role', value: 'label' }]],
    ]);
    expect(read('profile.json')).toMatchObject({ rowCount: 3, features: [{ name: 'speed', min: 1, max: 3 }] });
    expect(out).toContain('no gateway serves staging here');
  });

  it('names everything that does not go over, with what to do, and registers nothing', async () => {
    const { code, err, stack } = await adopt({ faults: ['the operator com.acme:Lookup is not allowed'], inputs: [{ name: 'm' }] });
    expect(code).toBe(1);
    expect(err).toContain('com.acme:Lookup is not allowed\n  convert the model with allowed operators only');
    expect(err).toContain('input m is a map or a sequence');
    expect(stack.requests.some((request) => request.includes('/versions'))).toBe(false);
  });

  it('says what is missing on its command line', async () => {
    expect((await adopt({}, '--target', 'nothing')).err).toContain('has no column nothing; it has: Speed, fraud');
    const stack = stacks[0]!;
    const without = await runCli(stack.dir, 'adopt', '--stack', stack.dir, '--model', model, '--target', 'fraud');
    expect([without.code, without.err.length > 0]).toEqual([1, true]);
  });
});
