import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LocalStore } from '@bascule/storage';
import { expect, it, onTestFinished } from 'vitest';
import { features, inYears, readBirdstrikes } from '../../test/birdstrikes.js';
import { storeDataset } from '../../test/store-dataset.js';
import { type Job, job } from './job.schema.js';
import { readSlice } from './read-slice.js';

it('a split by hash is the same with and without a champion, and whatever the evaluation looks at', async () => {
  const objectRoot = mkdtempSync(join(tmpdir(), 'bascule-slice-'));
  onTestFinished(() => rmSync(objectRoot, { recursive: true, force: true }));
  const objects = new LocalStore(objectRoot);
  await objects.open();
  const { datasetVersion } = await storeDataset(objects, inYears(readBirdstrikes(), 1990, 1991));
  const own = job.parse({
    objectRoot,
    modelName: 'm',
    datasetVersion,
    evaluationDatasetVersion: datasetVersion,
    trainer: 'prior',
    features: features.slice(0, 4),
    label: { column: 'damaged', positive: [1] },
    params: {},
    split: { by: 'hash', holdoutFraction: 0.3 },
    excludedWindows: [],
  });
  const heldOf = async (of: Job, champion?: Parameters<typeof readSlice>[2]) => {
    const slice = await readSlice(of, objects, champion);
    if ('reasons' in slice) throw new Error(slice.reasons.join());
    return slice.split.holdout.map(({ occurredAt, label, cells }) => [occurredAt, label, ...cells.slice(0, 4)].join());
  };
  const held = await heldOf(own);
  expect(held.length).toBeGreaterThan(100);
  // trials, a trainer's program and a reused step have read the rows without them
  expect(await heldOf(own, { version: 1, artifact: new Uint8Array(), inputs: features })).toEqual(held);
  expect(await heldOf({ ...own, evaluation: { ...own.evaluation, slices: ['airport'] } })).toEqual(held);
});
