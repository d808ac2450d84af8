import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { readContent } from '../batches/read-content.js';
import { compileContract } from '../contracts/compile-contract.js';
import { odcsContract } from '../contracts/odcs.schema.js';
import { BatchCheck } from '../validation/validate-batch.js';
import { draftContract } from './draft-contract.js';
import { sampledRecords, sampleTable } from './sample-table.js';

// biome-ignore lint/suspicious/noExplicitAny: the shape is what the tests check
type Loose = any;

const draftOf = async (text: string | Buffer, options = {}) =>
  draftContract('x', await sampleTable(Readable.from([Buffer.from(text as string)]), options));
const propertiesOf = ({ contract }: { contract: Record<string, unknown> }) =>
  Object.fromEntries((contract['schema'] as { properties: { name: string }[] }[])[0]!.properties.map(({ name, ...rest }) => [name, rest]));

const rows = Array.from({ length: 100 }, (_, i) =>
  [
    `CL-${1000 + i}`,
    `2001-0${1 + (i % 9)}-03`,
    i % 10 === 0 ? 'NA' : i,
    (i / 8).toFixed(2),
    ['red', 'green'][i % 2],
    `0${2100 + i}`,
    i % 3 === 0,
    `note ${'x'.repeat(i % 5)}`,
  ].join(','),
);
const csv = ['Claim No,Day,Speed (kn),Größe,Colour,ZIP,isOpen,Note', ...rows].join('\n');

describe('a drafted contract', () => {
  it('has types, ranges, categories, key, time, tokens and null rates as they were found', async () => {
    expect(propertiesOf(await draftOf(csv))).toEqual({
      claim_no: {
        ...{ physicalName: 'Claim No', logicalType: 'string', required: true, primaryKey: true },
        logicalTypeOptions: { pattern: '^[A-Z]{2}-\\d{4}$' },
        customProperties: [{ property: 'role', value: 'id' }],
      },
      day: {
        ...{ physicalName: 'Day', logicalType: 'date', required: true, logicalTypeOptions: { minimum: '2001-01-03T00:00:00.000Z' } },
        customProperties: [{ property: 'role', value: 'time' }],
      },
      speed_kn: {
        ...{ physicalName: 'Speed (kn)', logicalType: 'integer', logicalTypeOptions: { minimum: 1, maximum: 99 } },
        quality: [{ type: 'library', metric: 'nullValues', unit: 'percent', mustBeLessOrEqualTo: 16 }],
        customProperties: [{ property: 'missingValues', value: ['NA'] }],
      },
      grosse: { physicalName: 'Größe', logicalType: 'number', required: true, logicalTypeOptions: { minimum: 0, maximum: 12.38 } },
      colour: {
        ...{ physicalName: 'Colour', logicalType: 'string', required: true },
        quality: [{ type: 'library', metric: 'invalidValues', mustBe: 0, arguments: { validValues: ['green', 'red'] } }],
      },
      zip: { physicalName: 'ZIP', logicalType: 'string', required: true, logicalTypeOptions: { pattern: '^\\d{5}$' } },
      is_open: { physicalName: 'isOpen', logicalType: 'boolean', required: true },
      note: expect.objectContaining({ logicalType: 'string' }),
    });
  });

  it('finds dates and numbers that are written in another way, and asks where they can be read in two', async () => {
    const lines = Array.from({ length: 60 }, (_, i) => {
      const [day, month] = [1 + (i % 28), 1 + (i % 12)];
      return [`${month}/${day}/2015`, `${1 + (i % 9)}/${month}/2015`, `"€1,${100 + i}.50"`, `"${1 + i},${100 + i}"`, `${i % 12}%x`].join(
        ';',
      );
    });
    const draft = await draftOf(`received;either;price;thousands;text\n${lines.join('\n')}\n`, { delimiter: ';' });
    const repairs = Object.fromEntries(
      Object.entries(propertiesOf(draft)).map(([name, { logicalType, customProperties = [] }]: [string, Loose]) => [
        name,
        [logicalType, customProperties.find(({ property }: { property: string }) => property === 'repairs')?.value],
      ]),
    );
    expect(repairs).toMatchObject({
      received: ['date', { dateFormats: ['M/D/YYYY'] }],
      either: ['date', { dateFormats: ['D/M/YYYY', 'M/D/YYYY'] }],
      price: ['number', { amount: { decimal: '.', groups: [',', "'"], currency: ['€'] } }],
      thousands: ['number', { amount: { decimal: '.' } }],
      text: ['string', undefined],
    });
    expect(draft.notes.filter((note) => /^(either|thousands)/.test(note))).toEqual([
      'either: its dates fit D/M/YYYY and M/D/YYYY alike: keep the one that is meant',
      'thousands: its numbers can be read with a decimal point or with a decimal comma: say which',
    ]);
    expect(() => compileContract(odcsContract.parse(draft.contract))).not.toThrow();
  });

  it('takes a type that nearly all values have, and says how many do not', async () => {
    const text = `n\n${Array.from({ length: 99 }, (_, i) => i).join('\n')}\ntwelve\n`;
    const draft = await draftOf(text, { header: true });
    expect(propertiesOf(draft)['n']).toMatchObject({ logicalType: 'integer' });
    expect(draft.notes).toContain('n: 1 of 100 values are no integer and would be quarantined');
  });

  it('accepts the sample it was drafted from, all but what its notes name', async () => {
    const birdstrikes = readFileSync(new URL('../../../../node_modules/vega-datasets/data/birdstrikes.csv', import.meta.url));
    for (const content of [Buffer.from(csv), birdstrikes]) {
      const { contract } = await draftOf(content);
      const compiled = compileContract(odcsContract.parse(contract));
      const check = new BatchCheck(compiled);
      const { faults, blocks } = await readContent(Readable.from([content]), compiled.rules, 'reject');
      for await (const block of blocks) for (const row of block) check.add(row);
      expect([
        faults,
        check
          .take()
          .refused.slice(0, 3)
          .map(({ reasons }) => reasons),
      ]).toEqual([[], []]);
    }
  });

  it('lets numbers that name records go on where the sample ends', async () => {
    const text = `id,speed\n${Array.from({ length: 30 }, (_, i) => `${i},${i % 7}`).join('\n')}\n`;
    const { id, speed } = propertiesOf(await draftOf(text, { header: true }));
    expect(id).toEqual({ logicalType: 'integer', required: true, primaryKey: true, customProperties: [{ property: 'role', value: 'id' }] });
    expect(speed).toMatchObject({ logicalTypeOptions: { minimum: 0, maximum: 6 } });
  });

  it('says so where there are more records than are looked at', async () => {
    const sorted = (count: number) => Buffer.from(`share\n${Array.from({ length: count }, (_, i) => i / 8).join('\n')}\n`);
    const notes = async (count: number) =>
      (await draftOf(sorted(count), { header: true })).notes.filter((note) => note.startsWith('only the first'));
    expect(await notes(sampledRecords)).toEqual([]);
    expect(await notes(sampledRecords + 1)).toEqual([expect.stringContaining(`only the first ${sampledRecords} records were looked at`)]);
  });

  it('is made of JSON as well', async () => {
    const text = Array.from({ length: 30 }, (_, i) => JSON.stringify({ id: i, open: i % 2 === 0, 'a b': i % 2 ? null : 1.5 })).join('\n');
    expect(propertiesOf(await draftOf(text))).toMatchObject({
      id: { logicalType: 'integer', primaryKey: true },
      open: { logicalType: 'boolean' },
      a_b: { physicalName: 'a b', logicalType: 'number' },
    });
  });

  it('has names of its own for columns that share or lack one', async () => {
    expect(Object.keys(propertiesOf(await draftOf('a,A,,1st\nx,y,z,w\n', { header: true })))).toEqual([
      'a',
      'a_2',
      'column_3',
      'column_1st',
    ]);
  });
});
