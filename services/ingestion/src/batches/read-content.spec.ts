import { Readable } from 'node:stream';
import type { TableOptions } from '@bascule/tables';
import { describe, expect, it } from 'vitest';
import { compileContract } from '../contracts/compile-contract.js';
import { odcsContract } from '../contracts/odcs.schema.js';
import type { ParsedRow } from './parsed-row.js';
import { readContent } from './read-content.js';

const { rules } = compileContract(
  odcsContract.parse({
    ...{ apiVersion: 'v3.1.0', kind: 'DataContract', id: 'x', name: 'x', version: '1', status: 'active' },
    schema: [
      {
        name: 'x',
        properties: [
          { name: 'id', physicalName: 'Claim No', logicalType: 'string', required: true },
          { name: 'speed', physicalName: 'Speed (kn)', logicalType: 'number' },
        ],
      },
    ],
  }),
);
const bytes = (text: string) => Buffer.from(text);

async function read(content: Uint8Array, unknownColumns: 'ignore' | 'reject' = 'ignore', options: TableOptions = {}) {
  const { blocks, ...about } = await readContent(Readable.from([content]), rules, unknownColumns, options);
  const rows: ParsedRow[] = [];
  for await (const block of blocks) rows.push(...block);
  return { ...about, rows };
}
const ndjson = (text: string, unknownColumns: 'ignore' | 'reject' = 'ignore') => read(bytes(text), unknownColumns, { format: 'ndjson' });
const rowsOf = async (content: Promise<{ rows: readonly ParsedRow[] }>) =>
  (await content).rows.map(({ row, cells, fault }) => [row, fault ? fault.message : cells]);

describe('CSV', () => {
  it('puts cells into the order of the contract, by the name they are sent under or the name of the column', async () => {
    expect(await rowsOf(read(bytes('\uFEFFSpeed (kn),other, Claim No \r\n140,x,A1\r\n')))).toEqual([[1, ['A1', '140']]]);
    expect(await rowsOf(read(bytes('speed,id\n140,A1\n')))).toEqual([[1, ['A1', '140']]]);
  });

  it('numbers rows as they were sent and sets ragged ones apart', async () => {
    const content = read(bytes('Claim No,Speed (kn)\nA1\nA2,3\nA3,4,5\n'));
    expect(await rowsOf(content)).toEqual([
      [1, 'the row has 1 cells where the header has 2'],
      [2, ['A2', '3']],
      [3, 'the row has 3 cells where the header has 2'],
    ]);
    expect((await content).rows.map(({ line, raw }) => [line, raw])).toEqual([
      [2, 'A1'],
      [3, 'A2,3'],
      [4, 'A3,4,5'],
    ]);
  });

  it('shows the whole record, unknown columns too', async () => {
    const { rows } = await read(bytes('Claim No,note\nA1,"hm, yes"\n'));
    expect(rows[0]?.record).toEqual({ 'Claim No': 'A1', note: 'hm, yes' });
  });

  it.each([
    ['an empty batch', '', ['the batch is empty: not even a header']],
    ['a header without a required column', 'Speed (kn)\n1\n', ['the header lacks "Claim No"']],
    ['a header that repeats itself', 'Claim No,Claim No\n1,2\n', ['the header names "Claim No" more than once']],
    [
      'a table without a header',
      'A1,3\nA2,4\n',
      ['the header lacks "Claim No"', 'the first row looks like a record, not like a header; send header=false to read it as one'],
    ],
    ['a workbook', 'PK\x03\x04', ['the content is a ZIP archive or an Excel workbook; save it as CSV']],
  ])('finds fault with %s', async (_what, text, faults) => expect((await read(bytes(text))).faults).toEqual(faults));

  it('takes the columns in their order where there is no header, as told', async () => {
    expect(await rowsOf(read(bytes('A1;3\nA2;4\n'), 'ignore', { header: false }))).toEqual([
      [1, ['A1', '3']],
      [2, ['A2', '4']],
    ]);
  });

  it('leaves unknown columns out with a note, or refuses them where the contract says so', async () => {
    const text = bytes('Claim No,Speed (kn),mood\nA,1,good\n');
    expect((await read(text)).notes).toEqual(['columns the contract does not know were left out: "mood"']);
    expect((await read(text, 'reject')).faults).toEqual(['the contract does not know the columns "mood"']);
  });

  it('sets apart rows that are not the UTF-8 around them, and only those', async () => {
    const content = Buffer.concat([bytes('Claim No\nÄ\n'), Buffer.from([0x42, 0xe9, 0x0a]), bytes('C\n')]);
    expect((await rowsOf(read(content))).map(([, cells]) => cells)).toEqual([['Ä', undefined], 'the row is not UTF-8', ['C', undefined]]);
  });
});

describe('NDJSON', () => {
  it('is one object per line, blank lines apart', async () => {
    expect(await rowsOf(ndjson('{"Claim No":"A1","Speed (kn)":140}\r\n\n{"id":"A2"}'))).toEqual([
      [1, ['A1', 140]],
      [2, ['A2', undefined]],
    ]);
  });

  it('sets apart lines that are no JSON objects', async () => {
    const { rows } = await ndjson('{"id":\n[1]\n"x"\nnull\n{"id":"ok"}\n');
    expect(rows.map(({ fault }) => fault?.code)).toEqual([...Array<string>(4).fill('unparsable_row'), undefined]);
    expect(rows[0]?.record).toEqual({ raw: '{"id":' });
  });

  it('refuses unknown fields record by record where the contract says so', async () => {
    const { rows } = await ndjson('{"id":"a","mood":"good"}', 'reject');
    expect(rows[0]?.fault).toEqual({ code: 'unknown_column', field: 'mood', message: 'the contract does not know the field "mood"' });
  });

  it('sets apart at once what is nested too deep', async () => {
    const { rows } = await ndjson(`{"id":${'['.repeat(50_000)}${']'.repeat(50_000)}}\n{"id":"ok"}`);
    expect(rows[0]?.fault).toEqual({ code: 'unparsable_row', message: 'the record is nested more than 200 levels deep' });
    expect(rows[1]?.fault).toBeUndefined();
  });

  it('sets apart a line that is longer than a record may be', async () => {
    const { rows } = await ndjson(`{"id":"a"}\n{"id":"${'x'.repeat(5_000_000)}"}\n{"id":"b"}`);
    expect(rows.map(({ row, fault }) => [row, fault?.code])).toEqual([
      [1, undefined],
      [2, 'unparsable_row'],
      [3, undefined],
    ]);
  });
});

describe('a JSON array', () => {
  it('is read element by element', async () => {
    expect(await rowsOf(read(bytes('[{"Claim No":"A1","speed":140}, 5, {"id":"A2"}]')))).toEqual([
      [1, ['A1', 140]],
      [2, 'the element is not a JSON object'],
      [3, ['A2', undefined]],
    ]);
  });
});

describe('text that cannot be stored', () => {
  it('sets its record apart and names the field, also where the contract knows no such field', async () => {
    const contents = [
      await read(bytes('Claim No,note\nA\0,x\nB,\0\nC,x\n')),
      await ndjson('{"id":"\\u0000"}\n{"note":{"x":["\\ud800"]}}\n{"id":"\\ud83d\\udca5"}\n{"\\u0000":1}'),
      await read(Buffer.from('\uFEFFClaim No,note\nA,\ud800\nB,x\n', 'utf16le')),
    ];
    expect(contents.map(({ rows }) => rows.map(({ fault }) => fault && `${fault.code} ${fault.field}`))).toEqual([
      ['unstorable_text Claim No', 'unstorable_text note', undefined],
      ['unstorable_text id', 'unstorable_text note', undefined, 'unstorable_text undefined'],
      ['unstorable_text note', undefined],
    ]);
  });
});
