import { randomBytes } from 'node:crypto';
import { sha256Hex } from '@bascule/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { onnxBytes, type Registry, signature, startRegistry } from './start-registry.js';

let registry: Registry;
beforeAll(async () => {
  registry = await startRegistry();
});
afterAll(() => registry?.stop());

const uploads = '/v1/artifact-uploads';
const asSam = (more: Record<string, string> = {}) => ({
  authorization: `Bearer ${registry.tokens.sam}`,
  'tus-resumable': '1.0.0',
  ...more,
});
const begin = async (length: number, digest?: string) => {
  const query = digest ? `?digest=${digest}` : '';
  const answer = await fetch(`${registry.url}${uploads}${query}`, { method: 'POST', headers: asSam({ 'upload-length': String(length) }) });
  return { status: answer.status, path: answer.headers.get('location') ?? '' };
};
const send = (path: string, offset: number, bytes: Uint8Array) =>
  fetch(registry.url + path, {
    method: 'PATCH',
    headers: asSam({ 'upload-offset': String(offset), 'content-type': 'application/offset+octet-stream' }),
    body: new Uint8Array(bytes),
  });
const head = (path: string) => fetch(registry.url + path, { method: 'HEAD', headers: asSam() });

describe('a model file in pieces', () => {
  it('goes on where it broke off and becomes an artifact', async () => {
    const bytes = onnxBytes('in pieces');
    const { path } = await begin(bytes.length, sha256Hex(bytes));
    expect((await send(path, 0, bytes.subarray(0, 40))).headers.get('upload-offset')).toBe('40');
    expect((await send(path, 0, bytes)).status).toBe(409);
    expect((await head(path)).headers.get('upload-offset')).toBe('40');
    const last = await send(path, 40, bytes.subarray(40));
    expect(last.headers.get('bascule-artifact-digest')).toBe(sha256Hex(bytes));
    expect((await head(path)).headers.get('bascule-artifact-digest')).toBe(sha256Hex(bytes));
    const upload = { artifactDigest: sha256Hex(bytes), signature };
    expect((await registry.call('sam', 'POST', '/v1/models/claims-pieces/versions', upload)).status).toBe(201);
  });

  it('is refused when it is not what was announced, too long, or too large', async () => {
    const wrong = await begin(10, 'a'.repeat(64));
    expect((await send(wrong.path, 0, randomBytes(10))).status).toBe(422);
    const short = await begin(10);
    expect((await send(short.path, 0, randomBytes(11))).status).toBe(413);
    expect((await begin(10 ** 14)).status).toBe(413);
    expect((await begin(0)).status).toBe(413);
  });

  it('is nobody else’s business', async () => {
    const { path } = await begin(10);
    expect((await registry.call('root', 'DELETE', path)).status).toBe(404);
    expect((await registry.call('ada', 'POST', uploads)).status).toBe(403);
  });
});

describe('collecting', () => {
  const collect = async (body: object = {}) => (await registry.call('root', 'POST', '/v1/artifact-collection', body)).body;
  const upload = async (seed: string) => (await registry.call('sam', 'POST', '/v1/artifacts', onnxBytes(seed))).body.digest as string;
  const age = (digest: string) =>
    registry.query(`update registry.artifacts set created_at = now() - interval '30 days' where digest = '${digest}'`);
  const digests = ({ items }: { items: { digest: string }[] }) => items.map(({ digest }) => digest);

  it('tells first, and removes only old uploads that never became a version', async () => {
    const [young, lost, kept] = [await upload('young'), await upload('lost'), await upload('kept')];
    await registry.call('sam', 'POST', '/v1/models/claims-kept/versions', { artifactDigest: kept, signature });
    await registry.call('sam', 'POST', '/v1/models/claims-kept/versions/1/archive', { reason: 'old' });
    await Promise.all([age(lost), age(kept)]);
    expect(digests(await collect())).toEqual([lost]);
    expect(await registry.objects.has(lost)).toBe(true);

    expect(digests(await collect({ dryRun: false }))).toEqual([lost]);
    expect(await Promise.all([young, lost, kept].map((digest) => registry.objects.has(digest)))).toEqual([true, false, true]);
    const { data } = await registry.waitFor('registry.artifact.collected.v1');
    expect(data).toMatchObject({ digest: lost, removedBy: 'root', graceHours: 168 });
    expect(await upload('lost')).toBe(lost);
    expect(await registry.objects.has(lost)).toBe(true);
  });

  it('never takes a document of a version, nor what the store held before it was uploaded', async () => {
    const [model, card] = [await upload('documented'), await upload('card')];
    await registry.call('sam', 'POST', '/v1/models/claims-documented/versions', { artifactDigest: model, signature });
    const evidence = '/v1/models/claims-documented/versions/1/evidence';
    const document = { kind: 'document', name: 'model-card', digest: card };
    expect((await registry.call('sam', 'POST', evidence, { ...document, digest: 'a'.repeat(64) })).status).toBe(404);
    expect((await registry.call('sam', 'POST', evidence, document)).status).toBe(201);
    const report = Buffer.from('what another service put there');
    const { digest: foreign } = await registry.objects.put(report);
    expect((await registry.call('sam', 'POST', '/v1/artifacts', report)).body.digest).toBe(foreign);
    await Promise.all([age(card), age(foreign)]);
    const removed = digests(await collect({ dryRun: false }));
    expect([removed.includes(card), removed.includes(foreign)]).toEqual([false, false]);
    expect(await Promise.all([card, foreign].map((digest) => registry.objects.has(digest)))).toEqual([true, true]);
  });

  it('never takes what somebody registers at the same moment', async () => {
    const seeds = Array.from({ length: 6 }, (_, index) => `raced ${index}`);
    const raced = await Promise.all(seeds.map(upload));
    await Promise.all(raced.map(age));
    const registrations = raced.map((artifactDigest, index) =>
      registry.call('sam', 'POST', `/v1/models/claims-raced-${index}/versions`, { artifactDigest, signature }),
    );
    let isDone = false;
    const collecting = (async () => {
      while (!isDone) await collect({ dryRun: false });
    })();
    const answers = await Promise.all(registrations);
    isDone = true;
    await collecting;
    for (const [index, { status }] of answers.entries()) {
      // either it became a version and its bytes are there, or it was gone before and that is said
      expect([201, 404, 422]).toContain(status);
      if (status === 201) expect(await registry.objects.has(raced[index]!)).toBe(true);
    }
    const lost = await registry.query('select artifact_digest from registry.versions');
    for (const { artifact_digest: digest } of lost as { artifact_digest: string }[]) expect(await registry.objects.has(digest)).toBe(true);
  });

  it('is for administrators', async () => {
    expect((await registry.call('sam', 'POST', '/v1/artifact-collection', {})).status).toBe(403);
  });
});
