const numberPattern = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;
const tenTo = Array.from({ length: 18 }, (_, power) => 10 ** power);
const timestampPattern = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(Z|[+-]\d\d:?\d\d)?)?$/i;
const daysInMonth = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Reads a decimal number; NaN for anything else, such as `0x1F`, blanks or `1,5`. */
export function readNumber(cell: unknown): number {
  if (typeof cell === 'number') return cell;
  if (typeof cell !== 'string') return Number.NaN;
  const { length } = cell;
  if (length < 17) {
    // up to 15 digits, with a point or without: both parts are exact, and so is their quotient
    let value = 0;
    let point = length;
    let at = cell.charCodeAt(0) === 45 ? 1 : 0;
    const first = at;
    for (; at < length; at++) {
      const digit = cell.charCodeAt(at) - 48;
      if (digit >= 0 && digit <= 9) value = value * 10 + digit;
      else if (digit === -2 && point === length && at > first) point = at + 1;
      else break;
    }
    if (at === length && at > first && at - first <= 16 && value <= Number.MAX_SAFE_INTEGER) {
      const number = point === length ? value : value / tenTo[length - point]!;
      return first === 1 ? -number : number;
    }
  }
  return numberPattern.test(cell) ? Number(cell) : Number.NaN;
}

/** Reads true or false, also as text; undefined for anything else. */
export function readBoolean(cell: unknown): boolean | undefined {
  if (typeof cell === 'boolean') return cell;
  if (typeof cell !== 'string') return undefined;
  const text = cell.toLowerCase();
  if (text === 'true') return true;
  return text === 'false' ? false : undefined;
}

/** Reads an ISO 8601 date or date and time as milliseconds since 1970; without a zone it is UTC. NaN for anything else. */
export function readTimestamp(cell: unknown): number {
  // Parquet has times of its own
  if (cell instanceof Date) return cell.getTime();
  if (typeof cell !== 'string') return Number.NaN;
  const match = timestampPattern.exec(cell);
  if (!match) return Number.NaN;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '0', zone] = match;
  const [y, m, d] = [Number(year), Number(month), Number(day)];
  const isLeap = (y % 4 === 0 && y % 100 !== 0) || y % 400 === 0;
  if (m < 1 || m > 12 || d < 1 || d > daysInMonth[m - 1]! || (m === 2 && d === 29 && !isLeap)) return Number.NaN;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return Number.NaN;
  const millis = Math.trunc(Number(`0.${fraction}`) * 1000);
  const date = new Date(0);
  // setUTCFullYear, because Date.UTC takes the years 0 to 99 for 1900 to 1999
  date.setUTCFullYear(y, m - 1, d);
  date.setUTCHours(Number(hour), Number(minute), Number(second), millis);
  return date.getTime() - offsetMs(zone);
}

function offsetMs(zone: string | undefined): number {
  if (zone === undefined || zone === 'Z' || zone === 'z') return 0;
  const digits = zone.slice(1).replace(':', '');
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2));
  return (zone.startsWith('-') ? -1 : 1) * minutes * 60_000;
}
