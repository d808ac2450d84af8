import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { TableWriter } from '@bascule/tables';

// what ingestion does, from its build: no library of ours may import a service

interface ParsedRow {
  readonly length: number;
}
interface ValidRow {
  readonly values: (string | number | boolean | null)[];
  readonly source: ParsedRow;
}
interface BatchCheck {
  add(row: ParsedRow): void;
  take(): { valid: ValidRow[]; refused: unknown[] };
}
/** A contract as ingestion has compiled it. */
export interface CompiledContract {
  readonly rules: readonly unknown[];
  readonly columns: ConstructorParameters<typeof TableWriter>[0]['columns'];
  validate(cells: readonly unknown[], reasons: unknown[]): unknown[];
}

const load = (path: string) => import(new URL(`../../../services/ingestion/dist/${path}`, import.meta.url).href);

const { compileContract } = (await load('contracts/compile-contract.js')) as { compileContract(document: unknown): CompiledContract };
const { odcsContract } = (await load('contracts/odcs.schema.js')) as { odcsContract: { parse(document: unknown): unknown } };
const { readContent } = (await load('batches/read-content.js')) as {
  readContent(source: string, rules: readonly unknown[], unknown: 'ignore'): Promise<{ blocks: AsyncIterable<readonly ParsedRow[]> }>;
};
const { BatchCheck: Check } = (await load('validation/validate-batch.js')) as {
  BatchCheck: new (contract: CompiledContract) => BatchCheck;
};

export function compiled(document: unknown): CompiledContract {
  return compileContract(odcsContract.parse(document));
}

/** Reads, checks and writes as ingestion does, without its database. @returns the number of rows accepted */
export async function csvToParquet(csvFile: string, parquetFile: string, contract: CompiledContract): Promise<number> {
  const { blocks } = await readContent(csvFile, contract.rules, 'ignore');
  const writer = new TableWriter({ format: 'parquet', columns: contract.columns });
  const written = pipeline(writer.content, createWriteStream(parquetFile));
  const check = new Check(contract);
  for await (const rows of blocks) {
    for (const row of rows) check.add(row);
    for (const { values, source } of check.take().valid) {
      const full = writer.add(values, source.length);
      if (full) await full;
    }
  }
  await writer.finish();
  await written;
  return writer.rowCount;
}
