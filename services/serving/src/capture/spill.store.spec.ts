import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@bascule/testing';
import { expect, it } from 'vitest';
import { configSchema } from '../config.js';
import { SpillStore } from './spill.store.js';

const storeIn = (root: string) =>
  new SpillStore(configSchema.parse({ NATS_URL: 'nats://localhost', OBJECT_ROOT: root, SPILL_DIR: root, SERVING_ROLES: 'gateway' }));
const longAgo = new Date(Date.now() - 3_600_000);

it('the files of a process that lives are not taken over, however long it was held up', () => {
  const root = temporaryFolder('spill');
  storeIn(root).claim('alive');
  utimesSync(join(root, 'alive', 'owner.json'), longAgo, longAgo);
  expect(storeIn(root).adoptLeftOvers('other')).toEqual([]);
});

it('the files of a process on another machine are taken over after a silence', () => {
  const root = temporaryFolder('spill');
  storeIn(root).claim('silent');
  const owner = join(root, 'silent', 'owner.json');
  writeFileSync(owner, JSON.stringify({ pid: 1, host: 'another', startedAt: '1' }));
  expect(storeIn(root).adoptLeftOvers('other')).toEqual([]);
  utimesSync(owner, longAgo, longAgo);
  expect(storeIn(root).adoptLeftOvers('other')).toMatchObject([{ producer: 'silent' }]);
});

it('a producer whose folder was taken away learns of it', () => {
  const root = temporaryFolder('spill');
  const store = storeIn(root);
  store.claim('held-up');
  expect(store.beat('held-up')).toBe(true);
  store.removeProducer('held-up');
  expect(store.beat('held-up')).toBe(false);
});
