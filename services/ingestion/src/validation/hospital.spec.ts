import { readFileSync } from 'node:fs';
import { absent, referencePath } from '@bascule/testing/reference-data';
import { describe, expect, it } from 'vitest';
import { checkContent, contractOf, plainCsv } from '../../test/check-content.js';

const dirtyFile = referencePath('data/dirty/hospital/dirty.csv');
const cleanFile = referencePath('data/dirty/hospital/clean.csv');
const missing = absent('data/dirty/hospital');

const listed = (values: readonly string[]) => [{ metric: 'invalidValues', mustBe: 0, arguments: { validValues: values } }];
const columnName = (header: string) => header.replace(/([a-z\d])([A-Z])/g, '$1_$2').toLowerCase();

/** What somebody who knows hospitals, but not this file, would write. */
const known: Record<string, object> = {
  provider_number: { logicalTypeOptions: { pattern: '^\\d{5}$' } },
  state: { quality: listed(['al', 'ak']) },
  zip_code: { logicalTypeOptions: { pattern: '^\\d{5}$' } },
  phone_number: { logicalTypeOptions: { pattern: '^\\d{10}$' } },
  hospital_type: { quality: listed(['acute care hospitals']) },
  emergency_service: { quality: listed(['yes', 'no']) },
  condition: { quality: listed(['surgical infection prevention', 'heart attack', 'pneumonia', 'heart failure', 'children s asthma care']) },
  measure_code: { logicalTypeOptions: { pattern: '^(scip-(card|inf|vte)|ami|pn|hf|cac)-\\d{1,2}[a-c]?$' } },
  score: { logicalTypeOptions: { pattern: '^(empty|\\d{1,3}%)$' } },
  state_average: { logicalTypeOptions: { pattern: '^(al|ak)_(scip-(card|inf|vte)|ami|pn|hf|cac)-\\d{1,2}[a-c]?$' } },
  sample: { logicalTypeOptions: { pattern: '^(empty|\\d+ patients)$' } },
};
const stateAverage = {
  ...{ type: 'custom', engine: 'bascule', name: 'the average is that of state and measure' },
  implementation: { condition: { column: 'state_average', is: { concat: [{ column: 'state' }, '_', { column: 'measure_code' }] } } },
};

describe.skipIf(missing)(`the 509 wrong cells of the hospitals${missing}`, () => {
  const [headers = [], ...clean] = missing ? [] : plainCsv(readFileSync(cleanFile, 'utf8'));
  const [, ...dirty] = missing ? [] : plainCsv(readFileSync(dirtyFile, 'utf8'));
  const names = headers.map(columnName);
  const wrong = new Set(
    dirty.flatMap((cells, row) => cells.flatMap((cell, at) => (cell === clean[row]![at] ? [] : [`${row + 1} ${names[at]}`]))),
  );

  const columns = (about: (name: string) => object) =>
    headers.map((header, at) => ({ name: names[at], physicalName: header, logicalType: 'string', ...about(names[at]!) }));

  /** Cells that a contract refuses, and how many of them are wrong indeed. */
  async function score(contract: ReturnType<typeof contractOf>, only: (field: string) => boolean = () => true) {
    const { refused, recordCount } = await checkContent(contract, dirtyFile);
    const found = refused.flatMap(({ row, reasons }) =>
      reasons.flatMap(({ field = '', code }) => (code === 'condition_failed' ? [`${row} state_average`] : [`${row} ${field}`])),
    );
    const cells = new Set(found);
    const hits = [...cells].filter((cell) => wrong.has(cell)).length;
    const expressible = [...wrong].filter((cell) => only(cell.split(' ')[1]!)).length;
    return { recordCount, flagged: cells.size, hits, precision: hits / cells.size, recall: hits / expressible };
  }

  it('are what the two files differ in', () => expect(wrong.size).toBe(509));

  it('are found, every one, by a contract that lists what may stand in a column', async () => {
    const valuesOf = (name: string) => [...new Set(clean.map((cells) => cells[names.indexOf(name)]!))];
    const contract = contractOf(columns((name) => (name === 'index' ? {} : { quality: listed(valuesOf(name)) })));
    const { precision, recall, flagged, hits } = await score(contract);
    console.info(
      `hospital, values listed: ${flagged} cells refused, ${hits} wrong, precision ${precision.toFixed(4)}, recall ${recall.toFixed(4)}`,
    );
    expect([recall, precision]).toEqual([1, 1]);
  });

  it('are found, every one, in the columns for which patterns and short lists can be written without the file', async () => {
    const contract = contractOf(
      columns((name) => known[name] ?? {}),
      { quality: [stateAverage] },
    );
    const isKnown = (field: string) => field in known;
    const { precision, recall, flagged, hits } = await score(contract, isKnown);
    console.info(
      `hospital, patterns and short lists: ${flagged} cells refused, ${hits} wrong, precision ${precision.toFixed(4)}, recall ${recall.toFixed(4)}`,
    );
    expect([recall, precision]).toEqual([1, 1]);
  });

  it('show where one hospital has two telephone numbers', async () => {
    const determines = (column: string) => ({
      ...{ type: 'custom', engine: 'bascule', severity: 'warning' },
      implementation: { determines: { columns: ['hospital_name'], column } },
    });
    const contract = contractOf(
      columns(() => ({})),
      { quality: [determines('phone_number'), determines('zip_code')] },
    );
    const { expectations } = await checkContent(contract, dirtyFile);
    expect(expectations.map(({ holds, field, measured }) => [field, holds, measured > 0])).toEqual([
      ['phone_number', false, true],
      ['zip_code', false, true],
    ]);
  });
});
