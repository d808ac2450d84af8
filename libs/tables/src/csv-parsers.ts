import { initParser, type Schema } from 'udsv';

/** Reads CSV text of one width row by row; stops when the callback answers false. */
export type RowsOfText = (text: string, each: (cells: string[]) => boolean) => void;

/** uDSV's parsers, one for each width and way of writing; its own recognition of dialects is not used. */
export class CsvParsers {
  private readonly known = new Map<string, RowsOfText>();

  constructor(
    private readonly delimiter: string,
    private readonly quote: string,
  ) {}

  /** The parser for rows of so many cells; `hasQuotes` is false for text without a quote, which is read faster. */
  get(width: number, newline: string, hasQuotes: boolean): RowsOfText {
    const key = `${width} ${newline} ${hasQuotes}`;
    let parser = this.known.get(key);
    if (!parser) {
      if (this.known.size > 200) this.known.clear();
      parser = this.make(width, newline, hasQuotes ? this.quote : '');
      this.known.set(key, parser);
    }
    return parser;
  }

  private make(width: number, row: string, encl: string): RowsOfText {
    const cols = Array.from({ length: width }, (_, at) => ({
      name: String(at),
      type: 's' as const,
      repl: { empty: '', null: undefined, NaN: undefined },
    }));
    const schema = { skip: 0, col: this.delimiter, row, encl, esc: encl, trim: false, cols } as Schema;
    const parser = initParser(schema);
    return (text, each) => {
      parser.stringArrs(text, (cells: string[]) => each(cells));
    };
  }
}
