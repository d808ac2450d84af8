import { describe, expect, it } from 'vitest';
import { compileContract } from '../contracts/compile-contract.js';
import { odcsContract } from '../contracts/odcs.schema.js';
import { parseCsv } from './parse-csv.js';
import { parseNdjson } from './parse-ndjson.js';

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
const rowsOf = (content: ReturnType<typeof parseCsv>) =>
  [...content.rows].map(({ row, cells, fault }) => [row, fault ? fault.message : cells]);

describe('parseCsv', () => {
  it('puts cells into the order of the contract, by the name they are sent under or the name of the column', () => {
    expect(rowsOf(parseCsv(bytes('\uFEFFSpeed (kn),other, Claim No \r\n140,x,A1\r\n'), rules, 'ignore'))).toEqual([[1, ['A1', '140']]]);
    expect(rowsOf(parseCsv(bytes('speed,id\n140,A1\n'), rules, 'ignore'))).toEqual([[1, ['A1', '140']]]);
  });

  it('numbers rows as they were sent and sets ragged ones apart', () => {
    expect(rowsOf(parseCsv(bytes('Claim No,Speed (kn)\nA1\nA2,3\nA3,4,5\n'), rules, 'ignore'))).toEqual([
      [1, 'the row has 1 cells where the header has 2'],
      [2, ['A2', '3']],
      [3, 'the row has 3 cells where the header has 2'],
    ]);
  });

  it('shows the whole record, unknown columns too', () => {
    const [row] = parseCsv(bytes('Claim No,note\nA1,"hm, yes"\n'), rules, 'ignore').rows;
    expect(row?.record).toEqual({ 'Claim No': 'A1', note: 'hm, yes' });
  });

  it.each([
    ['an empty batch', '', 'the batch is empty: not even a header'],
    ['a header without a required column', 'Speed (kn)\n1\n', 'the header lacks "Claim No"'],
    ['a header that repeats itself', 'Claim No,Claim No\n1,2\n', 'the header names "Claim No" more than once'],
  ])('finds fault with %s', (_what, text, fault) => expect(parseCsv(bytes(text), rules, 'ignore').faults).toEqual([fault]));

  it('leaves unknown columns out with a note, or refuses them where the contract says so', () => {
    const text = bytes('Claim No,Speed (kn),mood\nA,1,good\n');
    expect(parseCsv(text, rules, 'ignore').notes).toEqual(['columns the contract does not know were left out: "mood"']);
    expect(parseCsv(text, rules, 'reject').faults).toEqual(['the contract does not know the columns "mood"']);
  });

  it('sets apart rows that are not UTF-8, and only those', () => {
    const content = Buffer.concat([bytes('Claim No\nA\n'), Buffer.from([0x42, 0xe9, 0x0a]), bytes('C\n')]);
    expect(rowsOf(parseCsv(content, rules, 'ignore')).map(([, cells]) => cells)).toEqual([
      ['A', undefined],
      'the row is not UTF-8',
      ['C', undefined],
    ]);
  });
});

describe('parseNdjson', () => {
  it('reads objects, one per line, and skips blank lines', () => {
    const text = bytes('{"Claim No":"A1","Speed (kn)":140}\r\n\n{"id":"A2"}');
    expect(rowsOf(parseNdjson(text, rules, 'ignore'))).toEqual([
      [1, ['A1', 140]],
      [2, ['A2', undefined]],
    ]);
  });

  it('sets apart lines that are no JSON objects', () => {
    const messages = [...parseNdjson(bytes('{"id":\n[1]\n"x"\nnull\n{"id":"ok"}\n'), rules, 'ignore').rows].map(({ fault }) => fault?.code);
    expect(messages).toEqual(['unparsable_row', 'unparsable_row', 'unparsable_row', 'unparsable_row', undefined]);
  });

  it('refuses unknown fields record by record where the contract says so', () => {
    const [row] = parseNdjson(bytes('{"id":"a","mood":"good"}'), rules, 'reject').rows;
    expect(row?.fault).toEqual({ code: 'unknown_column', field: 'mood', message: 'the contract does not know the field "mood"' });
  });

  it('sets apart at once what is nested too deep', () => {
    const deep = `{"id":${'['.repeat(50_000)}${']'.repeat(50_000)}}`;
    const [row, next] = parseNdjson(bytes(`${deep}\n{"id":"ok"}`), rules, 'ignore').rows;
    expect(row?.fault).toEqual({ code: 'unparsable_row', message: 'the record is nested more than 200 levels deep' });
    expect(next?.fault).toBeUndefined();
  });

  it('sets apart a line that is longer than a record may be', () => {
    const rows = [...parseNdjson(bytes(`{"id":"a"}\n{"id":"${'x'.repeat(5_000_000)}"}\n{"id":"b"}`), rules, 'ignore').rows];
    expect(rows.map(({ row, fault }) => [row, fault?.code])).toEqual([
      [1, undefined],
      [2, 'unparsable_row'],
      [3, undefined],
    ]);
  });
});

describe('text that cannot be stored', () => {
  it('sets its record apart and names the field, in CSV and in NDJSON, also where the contract knows no such field', () => {
    const faults = [
      parseCsv(bytes('Claim No,note\nA\0,x\nB,\0\nC,x\n'), rules, 'ignore'),
      parseNdjson(bytes('{"id":"\\u0000"}\n{"note":{"x":["\\ud800"]}}\n{"id":"\\ud83d\\udca5"}\n{"\\u0000":1}'), rules, 'ignore'),
    ].map((content) => [...content.rows].map(({ fault }) => fault && `${fault.code} ${fault.field}`));
    expect(faults).toEqual([
      ['unstorable_text Claim No', 'unstorable_text note', undefined],
      ['unstorable_text id', 'unstorable_text note', undefined, 'unstorable_text undefined'],
    ]);
  });
});
