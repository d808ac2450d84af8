import { runSucceeded } from '@bascule/contracts';
import { eventually } from '@bascule/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { finishRun, model } from './run-event.js';
import { onnxBytes, type Registry, signature, startRegistry } from './start-registry.js';

let registry: Registry;
beforeAll(async () => {
  registry = await startRegistry();
  await registry.publish(runSucceeded, await finishRun(registry, 'one'));
  await registry.publish(runSucceeded, await finishRun(registry, 'two'));
  await registry.waitFor('registry.version.registered.v1', 2);
});
afterAll(() => registry?.stop());

const moved = 'registry.alias.moved.v1';
const alias = `/v1/models/${model}/aliases/challenger`;
const reason = 'next in line';
const point = (version: number, rest: object = {}) => registry.call('sam', 'PUT', alias, { version, reason, ...rest });

describe('an alias that people move', () => {
  it('keeps who moved it, why, from where and when, and answers for any time', async () => {
    const before = new Date(Date.now() - 1000).toISOString();
    expect(await point(1)).toMatchObject({ status: 200, body: { version: 1, previousVersion: null, movedBy: 'sam', reason, to: null } });
    const { body: second } = await point(2, { reason: 'better on the last month' });
    expect(second).toMatchObject({ version: 2, previousVersion: 1, reason: 'better on the last month' });
    const at = (time: string) => registry.call('ada', 'GET', `${alias}?at=${time}`);
    expect((await at(before)).status).toBe(404);
    const { body: history } = await registry.call('ada', 'GET', `${alias}/history`);
    expect((await at(history.items[1].from)).body.version).toBe(1);
    expect((await at(second.from)).body.version).toBe(2);
    expect((await registry.call('ada', 'GET', alias)).body.version).toBe(2);
    const shifted = new Date(Date.parse(second.from) + 7_200_000).toISOString().replace('Z', '%2B02:00');
    expect((await at(shifted)).body.version).toBe(2);
    const ahead = await at('9999-01-01T00:00:00Z');
    expect([ahead.status, ahead.body.errors]).toEqual([400, [{ path: 'at', message: expect.stringContaining('in the future') }]]);
    expect((await registry.waitFor(moved, 2)).data).toMatchObject({ alias: 'challenger', version: 2, previousVersion: 1, movedBy: 'sam' });
  });

  it('moves once when it is pointed there twice', async () => {
    const { body: first } = await point(2);
    const { body: again } = await point(2);
    expect(again.from).toBe(first.from);
  });

  it('never has two stays at once, however many move it', async () => {
    const path = `/v1/models/${model}/aliases/raced`;
    const answers = await Promise.all(
      [1, 2, 1, 2, 1, 2].map((version) => registry.call('sam', 'PUT', path, { version, reason, environment: 'staging' })),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(200));
    const { items } = (await registry.call('ada', 'GET', `${path}/history?environment=staging`)).body;
    expect(items.filter(({ to }: { to: string | null }) => to === null)).toHaveLength(1);
    for (let stay = 1; stay < items.length; stay++) expect(items[stay].to).toBe(items[stay - 1].from);
  });

  it('is taken away with a reason, and its history stays', async () => {
    expect((await registry.call('sam', 'DELETE', `${alias}?reason=no%20longer`)).status).toBe(204);
    expect((await registry.call('ada', 'GET', alias)).status).toBe(404);
    const { body } = await registry.call('ada', 'GET', `${alias}/history`);
    expect(body.items[0]).toMatchObject({ version: null, previousVersion: 2, movedBy: 'sam', reason: 'no longer' });
    expect((await registry.waitFor('registry.alias.removed.v1')).data).toMatchObject({ alias: 'challenger', previousVersion: 2 });
    expect((await registry.call('sam', 'DELETE', `${alias}?reason=no%20longer`)).status).toBe(404);
  });

  it('is neither the champion, nor in a place nobody set up, nor at a version there is not', async () => {
    const champion = `/v1/models/${model}/aliases/champion`;
    expect(await registry.call('sam', 'PUT', champion, { version: 1, reason })).toMatchObject({
      status: 409,
      body: { code: 'registry.alias_reserved' },
    });
    expect(await point(1, { environment: 'moon' })).toMatchObject({ status: 422, body: { code: 'registry.environment_unknown' } });
    expect((await point(9)).status).toBe(404);
    expect((await registry.call('sam', 'PUT', `/v1/models/${model}/aliases/2`, { version: 1, reason })).status).toBe(400);
    expect((await registry.call('ada', 'PUT', alias, { version: 1, reason })).status).toBe(403);
  });
});

describe('versions', () => {
  it('are found by tag, source and stage over all models a key may see', async () => {
    const { body: artifact } = await registry.call('sam', 'POST', '/v1/artifacts', onnxBytes('tagged'));
    const upload = {
      artifactDigest: artifact.digest,
      signature,
      source: 'import',
      tags: { origin: 'mlflow:7' },
      description: 'Aus dem Altsystem',
    };
    const misspelt = await registry.call('sam', 'POST', '/v1/models/claims-old/versions', { ...upload, tagz: {} });
    expect([misspelt.status, JSON.stringify(misspelt.body.errors)]).toEqual([400, expect.stringContaining('tagz')]);
    const { body } = await registry.call('sam', 'POST', '/v1/models/claims-old/versions', upload);
    expect(body).toMatchObject({ source: 'import', tags: { origin: 'mlflow:7' }, description: 'Aus dem Altsystem' });
    const found = async (query: string) =>
      (await registry.call('ada', 'GET', `/v1/versions?${query}`)).body.items.map(
        ({ modelName, version }: { modelName: string; version: number }) => `${modelName}/${version}`,
      );
    expect(await found('tag=origin:mlflow:7')).toEqual(['claims-old/1']);
    expect(await found('tag=origin=mlflow:7')).toEqual(['claims-old/1']);
    expect(await found('search=ALTsys')).toEqual(['claims-old/1']);
    expect(await found('search=CLAIMS-O')).toEqual(['claims-old/1']);
    expect(await found('source=run')).toEqual([`${model}/2`, `${model}/1`]);
    expect(await found('tag=origin:other')).toEqual([]);
    expect(await found(`artifactDigest=${artifact.digest}&stage=candidate`)).toEqual(['claims-old/1']);
    const first = await registry.call('ada', 'GET', '/v1/versions?limit=2');
    expect(await found(`limit=2&cursor=${first.body.nextCursor}`)).toEqual([`${model}/1`]);
    expect((await registry.call('ada', 'GET', '/v1/models?search=CLAIMS-o')).body.items).toMatchObject([{ name: 'claims-old' }]);
    expect((await registry.call('ada', 'GET', '/v1/models?search=%25')).body.items).toEqual([]);
  });

  it('change in description and tags only, and the change is an event', async () => {
    const path = `/v1/models/${model}/versions/1`;
    const { body } = await registry.call('sam', 'PATCH', path, { tags: { reviewed: 'yes' } });
    expect(body).toMatchObject({ tags: { reviewed: 'yes' }, description: '' });
    const metrics = await registry.call('sam', 'PATCH', path, { metrics: { auc: 0.99 } });
    expect([metrics.status, JSON.stringify(metrics.body.errors)]).toEqual([400, expect.stringContaining('metrics')]);
    expect((await registry.waitFor('registry.details.changed.v1')).data).toMatchObject({ version: 1, changedBy: 'sam' });
    const title = 'Triage of claims';
    expect((await registry.call('sam', 'PATCH', `/v1/models/${model}`, { title, tags: { team: 'claims' } })).body).toMatchObject({ title });
    expect((await registry.call('sam', 'GET', '/v1/models?tag=team:claims')).body.items).toMatchObject([{ name: model }]);
  });

  it('cannot be changed or removed in their table either', async () => {
    await expect(registry.query("update registry.versions set metrics = '{}' where version = 1")).rejects.toThrow('cannot be changed');
    await expect(registry.query('delete from registry.versions where version = 1')).rejects.toThrow('cannot be removed');
    await eventually(async () => (await registry.call('ada', 'GET', `/v1/models/${model}/versions/1`)).body.metrics.auc === 0.78);
  });
});
