import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import { type Figure, reportFigures } from '../figures.js';
import { contract, csvOf, sqlColumns, sqlCondition } from './contract.js';
import { compiled, csvToParquet } from './product.js';
import { validatorFigures } from './validators.js';

// CSV to validated Parquet against DuckDB on one thread, cost per row over sizes, and the validator against zod and ajv.

const slices = 5;
const rowCounts = [10_000, 100_000, 1_000_000];
const folder = mkdtempSync(join(tmpdir(), 'bascule-benchmark-'));
const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

async function written(rowCount: number): Promise<string> {
  const file = join(folder, `${rowCount}.csv`);
  await pipeline(Readable.from(csvOf(rowCount)), createWriteStream(file));
  return file;
}

/** Seconds of processor time, of all threads: other work on the machine does not count. */
async function seconds(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

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
    const target = rowCount === rowCounts.at(-1) ? { target: 0.5 } : {};
    const name = `CSV to validated Parquet, ${rowCount} rows of 20 columns, against DuckDB on one thread`;
    figures.push({ name, value, unit: 'rows/CPU s', baseline, ratio: value / baseline, better: 'higher', ...target });
    rmSync(csv);
  }
  const [small, large] = [figures[1]!.value, figures[2]!.value];
  figures.push({ name: 'cost per row, 1,000,000 rows against 100,000', value: small / large, unit: 'times', better: 'lower', target: 1.2 });
  figures.push(...validatorFigures(rules));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
reportFigures(figures, process.argv.slice(2));
