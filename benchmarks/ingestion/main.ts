import { chmodSync, createReadStream, createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import { type Figure, reportFigures } from '../figures.js';
import { contract, csvOf, sqlColumns, sqlCondition } from './contract.js';
import { writePage } from './page.js';
import { compiled, csvToParquet } from './product.js';
import { flightsContract, flightsFile, IngestionStack } from './service.js';
import { validatorFigures } from './validators.js';

// CSV to validated Parquet against DuckDB on one thread, cost per row over sizes, the validator against zod and ajv, and the service as a whole.
// --docs renews docs/benchmarks.md.

const slices = 5;
const rowCounts = [10_000, 100_000, 1_000_000];
/** The largest file is the one before, this many times. */
const largestTimes = 10;
const uploads = 10;
const folder = mkdtempSync(join(tmpdir(), 'bascule-benchmark-'));
// PostgreSQL, which may run as another user, has to get in
chmodSync(folder, 0o755);
const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

async function written(rowCount: number): Promise<string> {
  const file = join(folder, `${rowCount}.csv`);
  await pipeline(Readable.from(csvOf(rowCount)), createWriteStream(file));
  return file;
}

/** A file with the rows of another one many times. */
async function repeated(file: string, times: number): Promise<string> {
  const target = join(folder, 'largest.csv');
  const [header = ''] = csvOf(0);
  for (let i = 0; i < times; i++) {
    await pipeline(createReadStream(file, { start: i === 0 ? 0 : header.length }), createWriteStream(target, { flags: 'a' }));
  }
  return target;
}

/** The service as a whole: flights, many uploads at once, and what memory that took. */
async function serviceFigures(csv: string, csvRows: number): Promise<Figure[]> {
  const stack = await IngestionStack.start(join(folder, 'stack'));
  const found: Figure[] = [];
  const rate = (name: string, rows: number, startedAt: number) =>
    found.push({ name, value: (1000 * rows) / (performance.now() - startedAt), unit: 'rows/s', better: 'higher' });
  try {
    await stack.publish(contract);
    await stack.publish(flightsContract);
    let startedAt = performance.now();
    const sent = Array.from({ length: uploads }, (_, i) => stack.send(`upload-${i}`, 'benchmark', csv, 'text/csv'));
    const accepted = (await Promise.all(sent)).reduce((sum, count) => sum + count, 0);
    if (accepted !== uploads * csvRows) throw new Error(`${accepted} of ${uploads * csvRows} rows were accepted`);
    rate(`service: ${uploads} uploads of ${csvRows} rows of 20 columns at once, until published`, accepted, startedAt);
    const flights = flightsFile();
    if (flights !== undefined) {
      startedAt = performance.now();
      const count = await stack.send('flights', 'flights', flights, 'application/vnd.apache.parquet');
      if (count !== 3_000_000) throw new Error(`${count} of 3,000,000 flights were accepted`);
      rate('service: three million flights from Parquet, until published', count, startedAt);
    }
    const peak = stack.peakMegabytes();
    if (peak !== undefined)
      found.push({ name: 'service: most memory of the process in all of that', value: peak, unit: 'MB', better: 'lower', target: 300 });
    return found;
  } finally {
    await stack.stop();
  }
}

/** Seconds of processor time, of all threads: other work on the machine does not count. */
async function seconds(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

const [loadBefore = 0] = loadavg();
const figures: Figure[] = [];
try {
  const rules = compiled(contract);
  const duck = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
  const parquet = join(folder, 'out.parquet');
  const copy = (csv: string) =>
    duck.run(
      `copy (select ${sqlColumns} from read_csv('${csv}', all_varchar = true, header = true) where ${sqlCondition}) to '${parquet}' (format parquet, codec snappy)`,
    );
  for (const rowCount of rowCounts) {
    const csv = await written(rowCount);
    const [ours, theirs]: [number[], number[]] = [[], []];
    for (let slice = 0; slice < (rowCount > 500_000 ? 3 : slices); slice++) {
      ours.push(rowCount / (await seconds(() => csvToParquet(csv, parquet, rules))));
      theirs.push(rowCount / (await seconds(() => copy(csv))));
    }
    const [value, baseline] = [median(ours), median(theirs)];
    const target = rowCount === rowCounts.at(-1) ? { target: 0.5, goal: 1 } : {};
    const name = `CSV to validated Parquet, ${rowCount} rows of 20 columns, against DuckDB on one thread`;
    figures.push({ name, value, unit: 'rows/CPU s', baseline, ratio: value / baseline, better: 'higher', ...target });
  }
  const million = rowCounts.at(-1)!;
  const largest = await repeated(join(folder, `${million}.csv`), largestTimes);
  const rate = (largestTimes * million) / (await seconds(() => csvToParquet(largest, parquet, rules)));
  rmSync(largest);
  const name = (rows: number, before: number) => `cost per row, ${rows} rows against ${before}`;
  const cost = { unit: 'times', better: 'lower', target: 1.2 } as const;
  figures.push({ name: name(million, million / 10), value: figures[1]!.value / figures[2]!.value, ...cost });
  figures.push({ name: name(largestTimes * million, million), value: figures[2]!.value / rate, ...cost });
  figures.push(...validatorFigures(rules));
  figures.push(...(await serviceFigures(join(folder, '100000.csv'), 100_000)));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
reportFigures(figures, process.argv.slice(2));
if (process.argv.includes('--docs')) writePage(figures, loadBefore);
