import { describe, expect, it } from 'vitest';
import { csvRows, delimiterOf } from './csv-rows.js';
import { longestRecord, TextWindow } from './text-window.js';

const read = (text: string) => [...csvRows(new TextWindow(Buffer.from(text)), delimiterOf(text))].map(({ cells, fault }) => fault ?? cells);

describe('csvRows', () => {
  it('reads LF, CRLF and CR line ends, with or without a last one', () => {
    const rows = [
      ['a', 'b'],
      ['1', '2'],
      ['3', '4'],
    ];
    for (const end of ['\n', '\r\n', '\r']) {
      expect(read(`a,b${end}1,2${end}3,4${end}`)).toEqual(rows);
      expect(read(`a,b${end}1,2${end}3,4`)).toEqual(rows);
    }
  });

  it('keeps delimiters, quotes and line ends inside quotes', () => {
    expect(read('a,b\r\n"x, ""y""\r\nz",2\r\n"","q"\r\n')).toEqual([
      ['a', 'b'],
      ['x, "y"\r\nz', '2'],
      ['', 'q'],
    ]);
    expect(read('a,"b"\n1,"2"')).toEqual([
      ['a', 'b'],
      ['1', '2'],
    ]);
  });

  it('takes a quote inside an unquoted cell as it is', () => {
    expect(read('a,b\n6" pipe,2\n')).toEqual([
      ['a', 'b'],
      ['6" pipe', '2'],
    ]);
  });

  it('gives a short row as it is and never joins it with the next one', () => {
    expect(read('a,b,c\n1,2\n"4",5,6\n7,8,9,10\n')).toEqual([
      ['a', 'b', 'c'],
      ['1', '2'],
      ['4', '5', '6'],
      ['7', '8', '9', '10'],
    ]);
  });

  it('loses only the line whose quote never closes', () => {
    expect(read('a,b\n1,"x\n2,y\n3,z\n')).toEqual([['a', 'b'], 'a quote is opened and never closed', ['2', 'y'], ['3', 'z']]);
    expect(read('a,b\n1,"x"y\n2,z\n')).toEqual([['a', 'b'], 'text follows a closing quote', ['2', 'z']]);
  });

  it('ends an empty last cell and skips blank lines', () => {
    expect(read('a,b\n\n1,\n\r\n,\n')).toEqual([
      ['a', 'b'],
      ['1', ''],
      ['', ''],
    ]);
    expect(read('a,b\n"1",\n"2",""')).toEqual([
      ['a', 'b'],
      ['1', ''],
      ['2', ''],
    ]);
  });

  it('stays linear on a file full of quotes that never close', () => {
    const started = performance.now();
    expect(read(`a\n${'"""\n'.repeat(200_000)}`).length).toBeGreaterThan(1000);
    expect(performance.now() - started).toBeLessThan(5000);
  });

  it('reads a text of several windows as if it were one, wherever a window ends', () => {
    for (const size of [1, 2]) {
      const cell = 'ä"",\n'.repeat(size * 90_001);
      const rows = Array.from({ length: 12 }, (_, i) => [`${i}`, cell.replaceAll('""', '"')]);
      expect(read(`a,b\n${rows.map(([id]) => `${id},"${cell}"`).join('\n')}\n`).slice(1)).toEqual(rows);
    }
  });

  it('sets apart a row that is longer than a record may be, and goes on behind it', () => {
    const long = 'x'.repeat(3 * longestRecord);
    const fault = `the row is longer than ${longestRecord} characters`;
    expect(read(`a,b\n1,2\n${long},2\n3,4\n5,"${long}"\n6,7`)).toEqual([['a', 'b'], ['1', '2'], fault, ['3', '4'], fault, ['6', '7']]);
  });

  it('stays linear where a delimiter never comes', () => {
    const started = performance.now();
    expect(read(`a\n${'x"\n'.repeat(200_000)}`)).toHaveLength(200_001);
    expect(performance.now() - started).toBeLessThan(5000);
  });

  it('tells the delimiter from the header', () => {
    expect(delimiterOf('a;b;c\n1,2;3;4')).toBe(';');
    expect(delimiterOf('a\tb')).toBe('\t');
    expect(delimiterOf('single')).toBe(',');
  });
});
