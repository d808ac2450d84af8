import { Readable } from 'node:stream';
import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { cellsOf, readAll, rowsOf, streamOf } from '../test/read-all.js';
import { openTable } from './open-table.js';

const utf16be = (text: string) => Buffer.from(text, 'utf16le').swap16();
const ends = (value: Promise<unknown>) => expect(value).rejects;

describe('encodings', () => {
  const text = 'name;city\nJosé;Køln €\n';
  const windows = Buffer.concat([Buffer.from('name;city\nJos\xe9;K\xf8ln ', 'latin1'), Buffer.from([0x80]), Buffer.from('\n')]);
  it.each([
    ['utf-8', Buffer.from(text), 1],
    ['utf-8', Buffer.from(`\uFEFF${text}`), 1],
    ['utf-16le', Buffer.from(`\uFEFF${text}`, 'utf16le'), 1],
    ['utf-16be', utf16be(`\uFEFF${text}`), 1],
    ['utf-16le', Buffer.from(text, 'utf16le'), 0.9],
    ['utf-16be', utf16be(text), 0.9],
    ['windows-1252', windows, 0.7],
  ])('%s is recognised and read, wherever the pieces end', async (encoding, bytes, sureness) => {
    for (const piece of [1, 3, 65_536]) {
      const { facts, columns, rows } = await readAll(bytes, {}, piece);
      expect([facts.encoding, facts.sureness.encoding, columns, rows.map(({ cells }) => cells)]).toEqual([
        encoding,
        sureness,
        ['name', 'city'],
        [['José', 'Køln €']],
      ]);
    }
  });

  it('can be told', async () => {
    expect(await cellsOf(Buffer.from('a\n\x80\n', 'latin1'), { encoding: 'iso-8859-1', header: true })).toEqual([['\x80']]);
  });

  it('sets apart rows that are not the UTF-8 they are said or shown to be, and only those', async () => {
    const damaged = Buffer.concat([Buffer.from('a\nü\n'), Buffer.from([0x42, 0xe9, 0x0a]), Buffer.from('C\n')]);
    expect(await cellsOf(damaged, { header: true })).toEqual([['ü'], 'the row is not UTF-8', ['C']]);
    const told = Buffer.concat([Buffer.from('a\nA\n'), Buffer.from([0x42, 0xe9, 0x0a])]);
    expect(await cellsOf(told, { header: true, encoding: 'utf-8' })).toEqual([['A'], 'the row is not UTF-8']);
  });
});

describe('dialects', () => {
  it.each([
    ['a;b;c\n1,2;3;4\n', ';'],
    ['a\tb\n1\t2\n', '\t'],
    ['a|b\n1|2\n', '|'],
    ['single\n1\n', ','],
    ['"x;y",b\n"1;2",3\n', ','],
    ['price;note\n1,5;a, b\n2,5;c\n', ';'],
  ])('%j is delimited by %j', async (text, delimiter) => expect((await readAll(text)).facts.delimiter).toBe(delimiter));

  it('takes apostrophes for quotes where cells are wrapped in them', async () => {
    expect(await cellsOf("a,b\n'x, y','1'\n'z','2'\n", { header: true })).toEqual([
      ['x, y', '1'],
      ['z', '2'],
    ]);
  });

  it('takes nothing for a quote where it is told so', async () => {
    expect(await cellsOf('a\tb\n"x\ty"\n', { quote: '', header: true })).toEqual([['"x', 'y"']]);
  });
});

describe('headers', () => {
  it.each([
    ['name,age\nAnn,3\nBob,4\n', true],
    ['Ann,3\nBob,4\nCid,5\n', false],
    ['1,2\n3,4\n', false],
    ['a,b\nx,y\n', true],
    ['id,since\n1,2001-02-03\n2,2001-02-04\n', true],
  ])('%j has one: %s', async (text, hasHeader) => expect((await readAll(text)).facts.hasHeader).toBe(hasHeader));

  it('are sure where an expected name is among them', async () => {
    const { facts } = await readAll('2001,2002\n1,2\n', { expectedColumns: ['2002'] });
    expect([facts.hasHeader, facts.sureness.header]).toEqual([true, 1]);
  });

  it.each([1, 4, 65_536])('may follow a line of a spreadsheet that tells the delimiter (pieces of %d bytes)', async (bytes) => {
    for (const [line, end] of [
      ['sep=|', '\n'],
      ['"sep=|"', '\r\n'],
      ['\ufeffSEP=|', '\r\n'],
    ]) {
      const { columns, facts, rows } = await readAll([line, 'a|b', '1,5|x;y', '2|z'].join(end), {}, bytes);
      expect([columns, facts.delimiter, rows.map(({ cells, line: at }) => [at, ...cells])]).toEqual([
        ['a', 'b'],
        '|',
        [
          [3, '1,5', 'x;y'],
          [4, '2', 'z'],
        ],
      ]);
    }
  });

  it('make names distinct and say which came twice', async () => {
    const { columns, facts } = await readAll('a,b,a,,a_2,a\n1,2,3,4,5,6\n', { header: true });
    expect([columns, facts.duplicateColumns]).toEqual([['a', 'b', 'a_3', 'column_4', 'a_2', 'a_4'], ['a']]);
  });

  it('can be told to be absent, with names to use', async () => {
    const { columns, rows } = await readAll('x,y\n1,2\n', { header: false, columns: ['p', 'q'] });
    expect([columns, rows.length]).toEqual([['p', 'q'], 2]);
  });
});

describe('JSON', () => {
  it('is read line by line, with numbers as they are and the text kept', async () => {
    const { facts, columns, rows } = await readAll('{"a":1,"b":"x"}\r\n\n{"a":1.50}\n[1]\nnope\n');
    expect([facts.format, columns]).toEqual(['ndjson', ['a', 'b']]);
    expect(rows.map(({ number, line, record, raw, fault }) => [number, line, record, raw, fault?.code])).toEqual([
      [1, 1, { a: 1, b: 'x' }, '{"a":1,"b":"x"}', undefined],
      [2, 3, { a: 1.5 }, '{"a":1.50}', undefined],
      [3, 4, undefined, '[1]', 'unreadable'],
      [4, 5, undefined, 'nope', 'unreadable'],
    ]);
  });

  it('is read element by element from an array, wherever the pieces end', async () => {
    const text = '\uFEFF [ {"a": "x\\"]}, \\u00e9\\ud83d\\udca5é💥", "n": [1, {"b": 2}]} ,\n {"a":1.50}, 3, "t", {}, null , [] ]\n';
    for (const piece of [1, 2, 3, 7, 65_536]) {
      const { facts, rows } = await readAll(text, {}, piece);
      expect(facts.format).toBe('json');
      expect(rows.map(({ number, record, raw, fault }) => [number, record ?? fault?.code, raw])).toEqual([
        [1, { a: 'x"]}, é💥é💥', n: [1, { b: 2 }] }, '{"a": "x\\"]}, \\u00e9\\ud83d\\udca5é💥", "n": [1, {"b": 2}]}'],
        [2, { a: 1.5 }, '{"a":1.50}'],
        [3, 'unreadable', '3'],
        [4, 'unreadable', '"t"'],
        [5, {}, '{}'],
        [6, 'unreadable', 'null'],
        [7, 'unreadable', '[]'],
      ]);
    }
  });

  it.each([
    ['[]', []],
    ['[ ]', []],
    ['[{"a":1},]', [{ a: 1 }, 'the element is not JSON: Unexpected end of JSON input']],
    ['[{"a":1}', ['the JSON cannot be read on: the array is not closed']],
    ['[{"a":1}] x', [{ a: 1 }, expect.stringContaining('cannot be read on')]],
    ['[{"a":1},{"a":tru},{"a":2}]', [{ a: 1 }, expect.stringContaining('cannot be read on')]],
    ['[{"a":1}{"a":2}]', [expect.stringContaining('is not JSON')]],
    ['[{"a"]}]', ['the JSON cannot be read on: the array is not closed']],
  ])('%s gives each element or its fault', async (text, expected) => {
    const { rows } = await readAll(text, { format: 'json' });
    expect(rows.map(({ record, fault }) => record ?? fault?.message)).toEqual(expected);
  });

  it('sets apart a record that is too long, and goes on behind it', async () => {
    const long = `{"a":"${'x'.repeat(5000)}"}`;
    for (const text of [`{"a":1}\n${long}\n{"a":2}`, `[{"a":1},${long},{"a":2}]`])
      for (const piece of [100, 65_536]) {
        const { rows } = await readAll(text, { limits: { recordLength: 1000 } }, piece);
        expect(rows.map(({ fault, record }) => fault?.code ?? record)).toEqual([{ a: 1 }, 'too_long', { a: 2 }]);
        expect(rows[1]!.raw.length).toBeLessThanOrEqual(1000);
      }
  });

  it('nested without end costs a record, not the process', async () => {
    const { rows } = await readAll(`[${'['.repeat(200_000)}${']'.repeat(200_000)},{"a":1}]`);
    expect(rows.map(({ fault, record }) => fault?.code ?? record)).toEqual(['unreadable', { a: 1 }]);
  });
});

describe('compression', () => {
  const text = 'a,b\n1,2\n';
  it.each([
    ['gzip', gzipSync(text)],
    ['gzip', Buffer.concat([gzipSync('a,b\n'), gzipSync('1,2\n')])],
    ['zstd', zstdCompressSync(text)],
    ['zstd', Buffer.concat(['a,', 'b\n1', ',2\n'].map((part) => zstdCompressSync(part)))],
  ])('%s is recognised', async (compression, bytes) => {
    const { facts, rows } = await readAll(bytes, {}, 5);
    expect([facts.compression, rows.map(({ cells }) => cells)]).toEqual([compression, [['1', '2']]]);
    expect(await cellsOf(bytes)).toEqual([['1', '2']]);
  });

  it('that breaks off is an error behind the rows before it', async () => {
    const rows = Array.from({ length: 50_000 }, (_, i) => `${i},${(i * 7919) % 10_007}`).join('\n');
    const table = await openTable(streamOf(gzipSync(`a,b\n${rows}`).subarray(0, -2000)));
    await ends(rowsOf(table)).toThrow('cannot be read to its end');
    const cut = await openTable(streamOf(zstdCompressSync(`a,b\n${rows}`).subarray(0, -2000)));
    await ends(rowsOf(cut)).toThrow('cannot be read to its end');
    const followed = readAll(Buffer.concat([zstdCompressSync(`a,b\n${rows}`), Buffer.from('no frame at all, but text')]));
    await ends(followed).toThrow('tables.unreadable');
  });

  it('that unpacks to far more than it is stops', async () => {
    const table = await openTable(streamOf(zstdCompressSync(Buffer.alloc(100_000_000, `${'x'.repeat(5000)}\n`))));
    await ends(rowsOf(table)).toThrow('tables.unpacks_too_large');
    await ends(readAll(gzipSync('a\n1\n2\n3\n'), { limits: { unpackedBytes: 3 } })).toThrow('tables.unpacks_too_large');
  });
});

describe('content that is no table', () => {
  it.each([
    ['an Excel workbook', Buffer.from('PK\x03\x04and so on')],
    ['binary', Buffer.from(Array.from({ length: 300 }, (_, i) => i % 20))],
    ['Brotli', brotliCompressSync(Buffer.from('a,b\n1,2\n'.repeat(100)))],
    ['a broken Parquet file', Buffer.from('PAR1 not really')],
    ['a first row whose quote never closes', Buffer.from('"a,b\n1,2\n')],
  ])('%s is refused', async (_what, bytes) => {
    const read = readAll(bytes);
    await read
      .then(({ rows }) => expect(rows.every(({ fault }) => fault)).toBe(true))
      .catch((error) => expect(error.kind).toBe('unprocessable'));
  });

  it('has no rows when it is empty', async () => {
    for (const text of ['', '\n\n']) {
      const { columns, rows } = await readAll(text);
      expect([columns, rows]).toEqual([[], []]);
    }
  });

  it('with more columns than allowed is refused', async () => {
    await ends(readAll(`${'a,'.repeat(6000)}a\n`)).toThrow('tables.too_many_columns');
  });
});

it('frees the source when reading is left early', async () => {
  const source = Readable.from(
    (function* () {
      for (;;) yield Buffer.from('a,b\n1,2\n'.repeat(1000));
    })(),
  );
  const table = await openTable(source);
  for await (const _ of table.rows()) break;
  expect(source.destroyed).toBe(true);
});
