import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { DatasetManifest } from '@bascule/contracts';
import { LocalStore } from '@bascule/storage';
import { TableWriter } from '@bascule/tables';
import type { Figure } from '../figures.js';
import { generated } from './data-sets.js';
import { environmentOfRun, flagsOfRun, type Part } from './product.js';

// What a whole run holds beside its data: read from Parquet, looked through for leaks, fitted, judged beside a champion, profiled.

interface Measured {
  readonly seconds: number;
  readonly artifactDigest?: string;
  readonly grownBytes: number;
}

const program = fileURLToPath(new URL('./run.main.js', import.meta.url));
const from = Date.parse('2020-01-01T00:00:00Z');

/** Stores generated rows as a dataset version, as ingestion does. */
async function store(
  objects: LocalStore,
  rowCount: number,
): Promise<{ datasetVersion: string; features: { name: string; kind: string }[] }> {
  const { columns, train } = generated(rowCount);
  const typed = columns.map(({ name, kind }) => ({ name, type: kind === 'numeric' ? ('number' as const) : ('string' as const) }));
  const all = [{ name: 'occurred_at', type: 'timestamp' as const }, ...typed, { name: 'paid', type: 'integer' as const }];
  const writer = new TableWriter({ format: 'parquet', columns: all });
  const stored = objects.put(writer.content);
  for (let row = 0; row < rowCount; row++) {
    const cells = train.columns.map((values, at) => {
      const value = values[row]!;
      if (columns[at]!.kind === 'categorical') return `c${value}`;
      return Number.isNaN(value) ? null : value;
    });
    await writer.add([from + row * 1000, ...cells, train.labels[row]!]);
  }
  await writer.finish();
  const counts = { rowCount, labelledCount: rowCount };
  const range = { occurredFrom: new Date(from).toISOString(), occurredTo: new Date(from + rowCount * 1000).toISOString() };
  const roleOf = (name: string) => (name === 'occurred_at' ? 'time' : name === 'paid' ? 'label' : 'feature');
  const manifest: DatasetManifest = {
    schemaVersion: 1,
    ...{ datasetName: 'generated', contractName: 'generated', contractVersion: 1, parentVersion: null },
    columns: all.map(({ name, type }) => ({ name, type, role: roleOf(name), nullable: true })),
    parts: [{ ...(await stored), ...counts, ...range, batchId: randomUUID(), origin: 'upload' }],
    ...counts,
    ...range,
  };
  const { digest } = await objects.put(Buffer.from(JSON.stringify(manifest)));
  return { datasetVersion: digest, features: [...columns] };
}

/** Stores so many rows, and the job of a run on them. */
async function makeReady(folder: string, rowCount: number, champion?: string): Promise<void> {
  const objectRoot = join(folder, 'objects');
  mkdirSync(objectRoot, { recursive: true });
  const objects = new LocalStore(objectRoot);
  await objects.open();
  const { datasetVersion, features } = await store(objects, rowCount);
  const job = {
    ...{ objectRoot, modelName: 'generated', datasetVersion, evaluationDatasetVersion: datasetVersion, features },
    trainer: 'gradient-boosting',
    params: {},
    label: { column: 'paid', positive: [1] },
    split: { holdoutFraction: 0.3 },
    evaluation: { slices: ['p'], sensitive: ['q'], resamplings: 200 },
    excludedWindows: [],
    ...(champion ? { champion: { version: 1, artifactDigest: champion } } : {}),
  };
  writeFileSync(join(folder, 'job.json'), JSON.stringify(job));
}

async function carryOut(folder: string, part: Part): Promise<Measured> {
  const env = { ...process.env, ...environmentOfRun };
  const { stdout } = await promisify(execFile)(process.execPath, [...flagsOfRun, program, folder, part], { env, maxBuffer: 1e7 });
  const measured = JSON.parse(stdout.trim().split('\n').at(-1)!) as Measured;
  process.stderr.write(`${part}: ${JSON.stringify(measured)}\n`);
  return measured;
}

/** What the service itself does for a program that trains: its data first, a judgement of its model after. */
async function aroundProgram(folder: string, artifactDigest: string): Promise<{ prepare: Measured; evaluate: Measured }> {
  const prepare = await carryOut(folder, 'prepare');
  const artifact = await new LocalStore(join(folder, 'objects')).get(artifactDigest);
  writeFileSync(join(folder, 'work', 'model.onnx'), artifact);
  return { prepare, evaluate: await carryOut(folder, 'evaluate') };
}

/** Bytes of a row as typed columns: 4 for each feature, 8 for its time, 8 for its label. */
const rowBytes = 4 * 14 + 8 + 8;

/** Memory of whole runs over the data, and what a row more costs. */
export async function runMemoryFigures(sizes: readonly [number, number]): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'bascule-benchmark-'));
  try {
    await makeReady(folder, 20_000);
    const champion = (await carryOut(folder, 'train')).artifactDigest!;
    const measured: Measured[] = [];
    for (const size of sizes) {
      process.stderr.write(`whole run of ${size} rows\n`);
      await makeReady(folder, size, champion);
      measured.push(await carryOut(folder, 'train'));
    }
    const [few, many] = measured as [Measured, Measured];
    const { prepare, evaluate } = await aroundProgram(folder, many.artifactDigest!);
    const perRow = (many.grownBytes - few.grownBytes) / (sizes[1] - sizes[0]);
    const figure = { unit: 'times', better: 'lower' as const };
    const overData = ({ grownBytes }: Measured) => ({ value: grownBytes / (rowBytes * sizes[1]), ...figure, target: 3 });
    return [
      { name: `whole run of ${sizes[0]} rows: memory over the data`, value: few.grownBytes / (rowBytes * sizes[0]), ...figure },
      { name: `whole run of ${sizes[1]} rows: memory over the data`, ...overData(many) },
      { name: 'whole run: memory of each row more over its data', value: perRow / rowBytes, ...figure, target: 3 },
      { name: `whole run of ${sizes[1]} rows: time`, value: many.seconds, unit: 's', better: 'lower' },
      { name: `data of a program, ${sizes[1]} rows: memory over the data`, ...overData(prepare) },
      { name: `judgement of a program, ${sizes[1]} rows: memory over the data`, ...overData(evaluate) },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
