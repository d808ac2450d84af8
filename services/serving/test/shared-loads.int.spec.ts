import assert from 'node:assert/strict';
import type { RoutedVersion } from '@bascule/contracts';
import { createLogger, Metrics } from '@bascule/platform';
import { LocalStore } from '@bascule/storage';
import { eventually, temporaryFolder } from '@bascule/testing';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { type Config, configSchema } from '../src/config.js';
import { InlineModels } from '../src/runtime/inline-models.service.js';
import { ModelHostService } from '../src/runtime/model-host.service.js';
import { type LoadedVersion, ModelsService } from '../src/runtime/models.service.js';
import { scaleModel, scaleSignature } from './onnx-models.js';

describe('a version that several need at once', () => {
  let host: ModelHostService;
  let models: ModelsService;
  let objects: LocalStore;
  const route = { name: 'route' };
  const pin = { name: 'pin' };

  beforeAll(async () => {
    const config: Config = configSchema.parse({
      NATS_URL: 'nats://none',
      OBJECT_ROOT: 'none',
      SERVING_ROLES: 'gateway',
      INLINE_MODELS: 'off',
    });
    const log = createLogger({ service: 'serving', instanceId: 'test', level: 'silent' });
    objects = new LocalStore(temporaryFolder('objects'));
    await objects.open();
    host = new ModelHostService(config, log, new Metrics('test'));
    models = new ModelsService(config, objects, host, new InlineModels(config, log, new Metrics('test')), log, new Metrics('test'));
  });
  afterAll(() => host?.onApplicationShutdown());

  async function routed(factor: number, version = factor): Promise<RoutedVersion> {
    const { digest, sizeBytes } = await objects.put(scaleModel(factor));
    const share = { percent: 100, role: 'champion' } as const;
    return { version, artifactDigest: digest, artifactSizeBytes: sizeBytes, signature: scaleSignature, ...share };
  }
  const found = ({ version, artifactDigest }: RoutedVersion) => models.find('scale', version, artifactDigest);
  async function ask(loaded: LoadedVersion): Promise<unknown> {
    const [y] = await loaded.batcher.infer([{ name: 'x', datatype: 'FP32', shape: [1, 1], data: Float32Array.of(1) }], ['y']);
    return y?.data[0];
  }

  it('is loaded once', async () => {
    const version = await routed(1);
    const before = host.pids.length;
    const [one, other] = await Promise.all([models.load('scale', version, route), models.load('scale', version, pin)]);
    assert.equal(one, other);
    assert.equal(host.pids.length, before + 1);
  });

  it.each([
    { first: route, last: pin },
    { first: pin, last: route },
  ])('stays while one still holds it: $first.name lets go first', async ({ first, last }) => {
    const version = await routed(2);
    const [loaded] = await Promise.all([models.load('scale', version, first), models.load('scale', version, last)]);
    await models.release(loaded, first);
    assert.equal(found(version), loaded);
    assert.equal(await ask(loaded), 2);
    // said twice, it counts once
    await models.release(loaded, first);
    assert.equal(found(version), loaded);
    await models.release(loaded, last);
    assert.equal(found(version), undefined);
    await assert.rejects(ask(loaded), /runtime_unavailable|not loaded/);
  });

  it('has its own copy for each digest', async () => {
    const [former, next] = [await routed(3, 7), await routed(4, 7)];
    const [old, current] = [await models.load('scale', former, pin), await models.load('scale', next, route)];
    assert.deepEqual([await ask(old), await ask(current)], [3, 4]);
    await models.release(old, pin);
    assert.equal(found(next), current);
    assert.equal(await ask(current), 4);
  });

  it('is loaded anew by who needs it while its last copy goes, and after a failed load', async () => {
    const version = await routed(5);
    const former = await models.load('scale', version, pin);
    const going = models.release(former, pin);
    const next = await models.load('scale', version, route);
    await going;
    assert.notEqual(next, former);
    assert.equal(await ask(next), 5);
    const missing = { ...version, version: 9, artifactDigest: `sha256:${'0'.repeat(64)}` };
    const loads = [models.load('scale', missing, pin), models.load('scale', missing, route)];
    assert.deepEqual(
      (await Promise.allSettled(loads)).map(({ status }) => status),
      ['rejected', 'rejected'],
    );
    await eventually(() => found(missing) === undefined && models.list().every(({ routed: { version: number } }) => number !== 9));
  });
});
