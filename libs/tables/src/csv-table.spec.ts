import { describe, expect, it } from 'vitest';
import { cellsOf, readAll } from '../test/read-all.js';

const plain = { header: false, delimiter: ',' };

describe('reading CSV', () => {
  it('reads LF, CRLF and CR line ends, with or without a last one', async () => {
    for (const end of ['\n', '\r\n', '\r']) {
      for (const text of [`a,b${end}1,2${end}3,4${end}`, `a,b${end}1,2${end}3,4`]) {
        const { columns, rows } = await readAll(text);
        expect([columns, rows.map(({ cells }) => cells)]).toEqual([
          ['a', 'b'],
          [
            ['1', '2'],
            ['3', '4'],
          ],
        ]);
      }
    }
  });

  it('keeps delimiters, quotes and line ends inside quotes', async () => {
    expect(await cellsOf('a,b\r\n"x, ""y""\r\nz",2\r\n"","q"\r\n', plain)).toEqual([
      ['a', 'b'],
      ['x, "y"\r\nz', '2'],
      ['', 'q'],
    ]);
    expect(await cellsOf('a,"b"\n1,"2"', plain)).toEqual([
      ['a', 'b'],
      ['1', '2'],
    ]);
  });

  it('takes a quote inside an unquoted cell as it is', async () => {
    expect(await cellsOf('a,b\n6" pipe,2\n', plain)).toEqual([
      ['a', 'b'],
      ['6" pipe', '2'],
    ]);
  });

  it('sets a ragged row apart with its cells and its text, and never joins it with the next one', async () => {
    const { rows } = await readAll('a,b,c\n1,2\n"4",5,6\n7,8,9,10\nx\ny\n"q\nr"\n1,2,3\n', { header: true });
    expect(rows.map(({ number, line, cells, raw, fault }) => [number, line, cells, raw, fault?.code])).toEqual([
      [1, 2, ['1', '2'], '1,2', 'ragged'],
      [2, 3, ['4', '5', '6'], '"4",5,6', undefined],
      [3, 4, ['7', '8', '9', '10'], '7,8,9,10', 'ragged'],
      [4, 5, ['x'], 'x', 'ragged'],
      [5, 6, ['y'], 'y', 'ragged'],
      [6, 7, ['q\nr'], '"q\nr"', 'ragged'],
      [7, 9, ['1', '2', '3'], '1,2,3', undefined],
    ]);
    expect(rows[0]?.fault?.message).toBe('the row has 2 cells where the header has 3');
  });

  it('loses only the line whose quote never closes', async () => {
    expect(await cellsOf('a,b\n1,"x\n2,y\n3,z\n', plain)).toEqual([
      ['a', 'b'],
      'a quote is opened and never closed',
      ['2', 'y'],
      ['3', 'z'],
    ]);
    expect(await cellsOf('a,b\n1,"x"y\n2,z\n', plain)).toEqual([['a', 'b'], 'text follows a closing quote', ['2', 'z']]);
  });

  it('ends an empty last cell and skips blank lines, which count as lines', async () => {
    const { rows } = await readAll('a,b\n\n1,\n\r\n,\n', { header: true });
    expect(rows.map(({ line, cells }) => [line, cells])).toEqual([
      [3, ['1', '']],
      [5, ['', '']],
    ]);
    expect(await cellsOf('a,b\n"1",\n"2",""', plain)).toEqual([
      ['a', 'b'],
      ['1', ''],
      ['2', ''],
    ]);
    expect(await cellsOf('a\n\n1\n\n\n""\n2', { header: true })).toEqual([['1'], [''], ['2']]);
  });

  it('copes with mixed line ends', async () => {
    expect(await cellsOf('a,b\r\n1,2\n3,"4"\r\n"5",6\n7,8\r\n', { header: true })).toEqual([
      ['1', '2'],
      ['3', '4'],
      ['5', '6'],
      ['7', '8'],
    ]);
  });

  it('keeps a byte order mark in the middle of a file, where it is text', async () => {
    expect(await cellsOf('\uFEFFa,b\n1,2\n\uFEFF3,4\n', { header: true })).toEqual([
      ['1', '2'],
      ['\uFEFF3', '4'],
    ]);
  });

  it('reads what is split anywhere as if it were one', async () => {
    const text = '\uFEFFname,"no ""te"""\r\nGröße,"x, ""y""\r\nz"\r\n"",💥\r\nlast,"end"';
    const whole = await readAll(text, { header: true });
    expect(whole.columns).toEqual(['name', 'no "te"']);
    for (const piece of [1, 2, 3, 5, 7]) {
      const { rows } = await readAll(text, { header: true }, piece);
      expect(rows.map(({ line, cells, raw, fault }) => [line, cells, raw, fault])).toEqual(
        whole.rows.map(({ line, cells, raw, fault }) => [line, cells, raw, fault]),
      );
    }
  });

  it('sets apart a row that is longer than a record may be, and goes on behind it', async () => {
    const limits = { recordLength: 1000 };
    const long = 'x'.repeat(3000);
    const fault = 'the row is longer than 1000 characters';
    for (const piece of [100, 65_536]) {
      const { rows } = await readAll(`a,b\n1,2\n${long},2\n3,4\n5,"${long}"\n6,7`, { header: true, limits }, piece);
      expect(rows.map(({ cells, fault }) => fault?.message ?? cells)).toEqual([['1', '2'], fault, ['3', '4'], fault, ['6', '7']]);
      expect(rows.map(({ number, line, length }) => [number, line, length])).toEqual([
        [1, 2, 3],
        [2, 3, 1000],
        [3, 4, 3],
        [4, 5, 1000],
        [5, 6, 3],
      ]);
    }
  });

  it.each([
    ['quotes that never close', `a\n${'"""\n'.repeat(100_000)}`, 1000],
    ['quotes that open on every line', `a,b\n${'"abc\n'.repeat(100_000)}`, 1000],
    ['rows of changing width', `a,b,c\n${'1,2\nx\n1,2,3\n'.repeat(50_000)}`, 150_000],
    ['a delimiter that never comes', `a,b\n${'x"\n'.repeat(100_000)}`, 100_000],
  ])('does work in proportion to its length on %s', { timeout: 60_000 }, async (_what, text, least) => {
    expect((await cellsOf(text, { header: true, delimiter: ',' })).length).toBeGreaterThanOrEqual(least);
  });

  it('gives back what was written, whatever the cells, the dialect and the pieces are', async () => {
    const random = seeded(42);
    const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
    for (let round = 0; round < 150; round++) {
      const [delimiter, end, width] = [pick([',', ';', '\t', '|']), pick(['\n', '\r\n']), 1 + Math.floor(random() * 5)];
      const rows = Array.from({ length: 1 + Math.floor(random() * 30) }, () =>
        Array.from({ length: width }, () =>
          Array.from({ length: Math.floor(random() * 4) }, () => pick(['a', '"', '\n', '\r\n', ',', ';', '\t', ' ', 'é', '1'])).join(''),
        ),
      );
      const written = rows.map((row) =>
        row.map((cell) => (cell === '' || /["\r\n,;\t|]/.test(cell) || random() < 0.3 ? `"${cell.replaceAll('"', '""')}"` : cell)),
      );
      const text = written.map((row) => row.join(delimiter)).join(end) + pick(['', end]);
      const read = await readAll(text, { header: false, delimiter, quote: '"' }, pick([1, 3, 17, 65_536]));
      expect(read.rows.map(({ cells }) => cells)).toEqual(rows);
      expect(read.rows.map(({ raw }) => raw)).toEqual(written.map((row) => row.join(delimiter)));
    }
  });
});

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}
