import type { Readable } from 'node:stream';
import { openTable, type TableFacts, type TableOptions } from '@bascule/tables';
import { ColumnSample } from './column-sample.js';
import type { SampledTable } from './draft-contract.js';

/** A draft is made of so many records at most. */
export const sampledRecords = 20_000;

/** Reads the beginning of a table. Rows that cannot be read are counted and left out. */
export async function sampleTable(
  source: Readable,
  options: TableOptions,
): Promise<SampledTable & { facts: TableFacts; faultCount: number }> {
  const table = await openTable(source, options);
  const isJson = table.facts.format === 'json' || table.facts.format === 'ndjson';
  const names = [...table.columns];
  const samples = names.map(() => new ColumnSample());
  const pick = table.picker(names);
  let recordCount = 0;
  let faultCount = 0;
  let isWhole = true;
  for await (const rows of table.rows()) {
    const room = sampledRecords - recordCount - faultCount;
    for (const row of rows.slice(0, room)) {
      if (row.fault || (isJson && !row.record)) {
        faultCount++;
        continue;
      }
      recordCount++;
      const values = pick(row);
      for (let at = 0; at < samples.length; at++) samples[at]!.add(values[at]);
    }
    // leaving the loop closes the source
    if (rows.length > room) {
      isWhole = false;
      break;
    }
  }
  return { names, samples, recordCount, isWhole, faultCount, facts: table.facts };
}
