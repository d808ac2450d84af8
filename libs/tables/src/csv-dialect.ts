import { type Dialect, frameRecord } from './csv-frame.js';
import { CsvParsers } from './csv-parsers.js';

const delimiters = [',', ';', '\t', '|'];
const sampleRows = 50;

/** What the beginning of a CSV text tells about it. */
export interface DialectFinding {
  readonly dialect: Dialect;
  /** How many of the first rows have as many cells as the first. */
  readonly sureness: number;
}

/** Tells delimiter, quote and line end from the beginning of a text; what is told already is taken. `isWhole` when the sample is all there is. */
export function findDialect(
  sample: string,
  isWhole: boolean,
  told: { delimiter?: string | undefined; quote?: string | undefined },
): DialectFinding {
  const newline = sample.includes('\n') || !sample.includes('\r') ? '\n' : '\r';
  const text = isWhole && !sample.endsWith(newline) ? sample + newline : sample;
  const quote = told.quote ?? findQuote(text);
  const findings = (told.delimiter === undefined ? delimiters : [told.delimiter]).map((delimiter) => {
    const dialect: Dialect = { delimiter, quote, newline };
    const widths = widthsOf(text, dialect);
    const alike = widths.filter((width) => width === widths[0]).length / Math.max(1, widths.length);
    return { dialect, width: widths[0] ?? 1, alike };
  });
  // a delimiter that occurs decides by how alike the rows become, then by how many cells they have
  const score = ({ width, alike }: { width: number; alike: number }) =>
    width > 1 ? 1 + Math.round(4 * alike) + Math.min(width, 1000) / 1001 : 0;
  const best = findings.reduce((first, next) => (score(next) > score(first) ? next : first));
  const sureness = told.delimiter !== undefined ? 1 : best.width > 1 ? best.alike : 0.5;
  return { dialect: best.dialect, sureness };
}

/** Apostrophes quote only where no quotation mark occurs and cells begin and end with them. */
function findQuote(text: string): string {
  if (text.includes('"')) return '"';
  const [opening, closing] = [/(?:^|[,;\t|\r\n])'/g, /'(?:$|[,;\t|\r\n])/g].map((pattern) => text.match(pattern)?.length ?? 0);
  return opening! >= 4 && opening === closing ? "'" : '"';
}

function widthsOf(text: string, dialect: Dialect): number[] {
  const widths: number[] = [];
  let position = 0;
  while (widths.length < sampleRows && position < text.length) {
    const frame = frameRecord(text, position, text.length, dialect);
    if (!frame) break;
    if ('fault' in frame) {
      widths.push(0);
      const lineEnd = text.indexOf(dialect.newline, position);
      if (lineEnd < 0) break;
      position = lineEnd + 1;
    } else {
      if (frame.end > position) widths.push(frame.cells.length);
      position = frame.next;
    }
  }
  return widths;
}

/** The first rows of a text, as cells. */
export function firstRows(sample: string, isWhole: boolean, dialect: Dialect): string[][] {
  const text = isWhole && !sample.endsWith(dialect.newline) ? sample + dialect.newline : sample;
  const parsers = new CsvParsers(dialect.delimiter, dialect.quote);
  const rows: string[][] = [];
  let position = 0;
  while (rows.length < sampleRows && position < text.length) {
    const frame = frameRecord(text, position, text.length, dialect);
    if (!frame || 'fault' in frame) break;
    if (frame.end > position)
      parsers.get(
        frame.cells.length,
        '\n',
        true,
      )(`${text.slice(position, frame.end)}\n`, (cells) => {
        rows.push(cells);
        return false;
      });
    position = frame.next;
  }
  return rows;
}
