import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatasetManifest } from '@bascule/contracts';
import { newId } from '@bascule/platform';
import { LocalStore } from '@bascule/storage';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, it, onTestFinished } from 'vitest';
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

describe('rows of a dataset without a time column', () => {
  const columns: DatasetManifest['columns'] = [
    { name: 'age', type: 'number', role: 'feature', nullable: true },
    { name: 'paid', type: 'integer', role: 'label', nullable: true },
  ];

  /** Two parts, each sorted by its label. */
  async function stored() {
    const objectRoot = mkdtempSync(join(tmpdir(), 'bascule-slice-'));
    onTestFinished(() => rmSync(objectRoot, { recursive: true, force: true }));
    const objects = new LocalStore(objectRoot);
    await objects.open();
    const parts: DatasetManifest['parts'] = [];
    for (const [at, receivedAt] of ['2026-01-01T00:00:00.000Z', '2026-02-01T00:00:00.000Z'].entries()) {
      const ages = Array.from({ length: 500 }, (_, row) => 500 * at + row);
      const columnData = [
        { name: 'age', data: ages, type: 'DOUBLE' as const },
        { name: 'paid', data: ages.map((_, row) => Number(row >= 250)), type: 'INT32' as const },
      ];
      const { digest, sizeBytes } = await objects.put(new Uint8Array(parquetWriteBuffer({ columnData })));
      const times = { occurredFrom: receivedAt, occurredTo: receivedAt };
      parts.push({ digest, sizeBytes, rowCount: 500, labelledCount: 500, ...times, batchId: newId(), origin: 'upload' });
    }
    const manifest: DatasetManifest = {
      ...{ schemaVersion: 1, datasetName: 'people', contractName: 'people', contractVersion: 1, parentVersion: null, columns, parts },
      ...{ rowCount: 1000, labelledCount: 1000, occurredFrom: parts[0]!.occurredFrom, occurredTo: parts[1]!.occurredTo },
    };
    const { digest: datasetVersion } = await objects.put(Buffer.from(JSON.stringify(manifest)));
    const read = async (split: object, excludedWindows: object[] = []) => {
      const facts = { objectRoot, modelName: 'm', datasetVersion, evaluationDatasetVersion: datasetVersion, trainer: 'prior', params: {} };
      const label = { column: 'paid', positive: [1] };
      return readSlice(
        job.parse({ ...facts, features: [{ name: 'age', kind: 'numeric' }], label, split, excludedWindows }),
        objects,
        undefined,
      );
    };
    return read;
  }

  it('are split by what they hold unless told otherwise, and lie in no order of their file', async () => {
    const read = await stored();
    const slice = await read({ holdoutFraction: 0.3 }, [{ from: '2026-01-01T00:00:00.000Z', to: '2026-01-02T00:00:00.000Z' }]);
    if ('reasons' in slice) throw new Error(slice.reasons.join());
    const { training, holdout } = slice.split;
    expect(slice.rule.by).toBe('hash');
    expect([training.length + holdout.length, holdout.length > 200 && holdout.length < 400]).toEqual([1000, true]);
    const latest = training.slice(training.length - 100).map(({ label }) => label);
    expect(new Set(latest).size).toBe(2);
    expect([training.at(0)!.occurredAt, training.at(-1)!.occurredAt]).toEqual([Date.parse('2026-01-01'), Date.parse('2026-02-01')]);
    const again = await read({ holdoutFraction: 0.3 });
    if ('reasons' in again) throw new Error(again.reasons.join());
    const cellsOf = (rows: typeof training) => rows.map(({ cells }) => cells[0]);
    expect([cellsOf(again.split.training), cellsOf(again.split.holdout)]).toEqual([cellsOf(training), cellsOf(holdout)]);
  });

  it('are refused where times are asked for', async () => {
    const read = await stored();
    expect(await read({ by: 'time' })).toEqual({
      reasons: ['dataset people has no column with the role time, which a split by time needs: split by hash or group'],
    });
    expect(await read({ recentDays: 10 })).toEqual({
      reasons: ['dataset people has no column with the role time, which split.recentDays needs: leave it out'],
    });
  });
});
