import { readTimestamp } from '../validation/read-value.js';

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const parts = {
  YYYY: '(?<year>\\d{4})',
  MMMM: '(?<monthName>[A-Za-z]{3,9})',
  MMM: '(?<monthName>[A-Za-z]{3,9})\\.?',
  MM: '(?<month>\\d{2})',
  M: '(?<month>\\d{1,2})',
  DD: '(?<day>\\d{2})',
  D: '(?<day>\\d{1,2})',
  HH: '(?<hour>\\d{2})',
  H: '(?<hour>\\d{1,2})',
  mm: '(?<minute>\\d{2})',
  ss: '(?<second>\\d{2})',
} as const;
const tokens = /YYYY|MMMM|MMM|MM|M|DD|D|HH|H|mm|ss/g;

/** Two times that one text may mean. */
export class AmbiguousText {
  constructor(
    readonly text: string,
    readonly readings: readonly string[],
  ) {}
}

/** Makes a pattern of a format such as `D.M.YYYY HH:mm`. @throws Error when it lacks day, month or year of four digits */
export function datePattern(format: string): RegExp {
  let source = '';
  let at = 0;
  for (const match of format.matchAll(tokens)) {
    source += format.slice(at, match.index).replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
    source += parts[match[0] as keyof typeof parts];
    at = match.index + match[0].length;
  }
  source += format.slice(at).replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
  const wanted = ['year', 'day', 'month'].every((part) => source.includes(`(?<${part}`));
  if (!wanted) throw new Error(`the date format ${JSON.stringify(format)} needs YYYY, a month (MM, M or MMM) and a day (DD or D)`);
  return new RegExp(`^${source}$`, 'u');
}

/** Makes a reader of dates: the text in ISO 8601, undefined where no format fits, ambiguous where two of them differ. */
export function dateReader(formats: readonly string[]): (text: string) => string | AmbiguousText | undefined {
  const patterns = formats.map(datePattern);
  return (text) => {
    const readings = new Set<string>();
    for (const pattern of patterns) {
      const iso = isoOf(pattern.exec(text)?.groups);
      if (iso !== undefined) readings.add(iso);
    }
    const [first] = readings;
    return readings.size > 1 ? new AmbiguousText(text, [...readings]) : first;
  };
}

function isoOf(found: Record<string, string> | undefined): string | undefined {
  if (!found) return undefined;
  const month = found['month'] ?? String(months.indexOf(found['monthName']!.slice(0, 3).toLowerCase()) + 1);
  const two = (text: string | undefined) => (text ?? '0').padStart(2, '0');
  const day = `${found['year']}-${two(month)}-${two(found['day'])}`;
  const iso = found['hour'] === undefined ? day : `${day}T${two(found['hour'])}:${two(found['minute'])}:${two(found['second'])}`;
  return Number.isNaN(readTimestamp(iso)) ? undefined : iso;
}
