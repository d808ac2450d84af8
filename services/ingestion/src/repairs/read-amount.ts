import type { AmountFormat, RepairKind } from './repairs.schema.js';

/** A number read from text, and what had to be understood for it. */
export interface ReadAmount {
  readonly value: number;
  readonly kinds: readonly RepairKind[];
}

/** No amount is longer, and what is longer is not looked at piece by piece. */
const longestAmount = 200;
const quotes: Record<string, string> = { '\u2019': "'", '\u2018': "'", '\u2032': "'", '\u201d': '"', '\u201c': '"', '\u2033': '"' };
/** What may stand between two amounts of one value: 5 ft, 7 in. */
const between = /^(?:\s*(?:,|and|&)\s*|\s+)/i;

/** Makes a reader of numbers with separators, units and currency; undefined where a text is none of them. */
export function amountReader(format: AmountFormat): (text: string) => ReadAmount | undefined {
  const units = Object.entries(format.units)
    .map(([name, factor]) => ({ name: name.toLowerCase(), factor }))
    .sort((a, b) => b.name.length - a.name.length);
  const currencies = format.currency.map((name) => name.toLowerCase()).sort((a, b) => b.length - a.length);
  return (text) => {
    if (text.length > longestAmount) return undefined;
    const kinds = new Set<RepairKind>();
    const { rest, sign } = signOf(withoutCurrency(straight(text), currencies, kinds));
    const percent = format.percent && rest.endsWith('%') ? rest.slice(0, -1).trimEnd() : undefined;
    if (percent !== undefined) kinds.add('percent');
    const amount = withUnits(percent ?? rest, units, format, kinds);
    if (amount === undefined) return undefined;
    const scaled = percent !== undefined && format.percent === 'fraction' ? amount / 100 : amount;
    return { value: sign * scaled, kinds: [...kinds] };
  };
}

function straight(text: string): string {
  return text.replace(/[\u2018\u2019\u2032\u201c\u201d\u2033]/g, (quote) => quotes[quote]!).trim();
}

function withoutCurrency(text: string, currencies: readonly string[], kinds: Set<RepairKind>): string {
  const lower = text.toLowerCase();
  for (const name of currencies) {
    const isBefore = lower.startsWith(name) || lower.startsWith(`-${name}`) || lower.startsWith(`+${name}`);
    if (isBefore || lower.endsWith(name)) {
      kinds.add('currency');
      const at = isBefore ? lower.indexOf(name) : lower.length - name.length;
      return (text.slice(0, at) + text.slice(at + name.length)).trim();
    }
  }
  return text;
}

function signOf(text: string): { rest: string; sign: 1 | -1 } {
  const first = text[0];
  if (first !== '-' && first !== '+' && first !== '\u2212') return { rest: text, sign: 1 };
  return { rest: text.slice(1).trimStart(), sign: first === '+' ? 1 : -1 };
}

/** One number, or several with falling units; a number without a unit can only follow one with a unit, or stand alone. */
function withUnits(
  text: string,
  units: readonly { name: string; factor: number }[],
  format: AmountFormat,
  kinds: Set<RepairKind>,
): number | undefined {
  let rest = text;
  let sum = 0;
  let former = Number.POSITIVE_INFINITY;
  for (let part = 0; rest !== ''; part++) {
    const digits = /^[\d.,'_\u00a0\u202f]+(?: \d{3}(?!\d)[\d.,]*)*/.exec(rest)?.[0];
    if (digits === undefined) return undefined;
    const read = longestNumber(digits, format, kinds);
    if (!read) return undefined;
    rest = rest.slice(read.length);
    const behind = rest.trimStart().toLowerCase();
    const unit = units.find(({ name }) => behind.startsWith(name) && !continuesWord(behind, name));
    const factor = unit?.factor ?? 1;
    // 2'33 is no height: the inches of a foot end at 12
    const most = part === 0 ? Number.POSITIVE_INFINITY : former;
    if (factor >= former || read.value * factor >= most) return undefined;
    if (unit) kinds.add('unit');
    else if (part === 0 && rest !== '') return undefined;
    sum += read.value * factor;
    former = factor;
    rest = (unit ? rest.trimStart().slice(unit.name.length) : rest).replace(between, '').trimStart();
    if (!unit && rest !== '') return undefined;
  }
  return text === '' ? undefined : sum;
}

function continuesWord(text: string, name: string): boolean {
  return /[a-z]$/.test(name) && /^[a-z]/.test(text.slice(name.length));
}

/** The number at the beginning; a quote that is a unit (5'7) is left to the units. */
function longestNumber(digits: string, format: AmountFormat, kinds: Set<RepairKind>): { value: number; length: number } | undefined {
  const candidates = digits.includes("'") ? [digits, digits.slice(0, digits.indexOf("'"))] : [digits, digits.replace(/[.,]+$/, '')];
  for (const candidate of candidates) {
    const value = plainNumber(candidate, format, kinds);
    if (value !== undefined) return { value, length: candidate.length };
  }
  return undefined;
}

function plainNumber(text: string, { decimal, groups }: AmountFormat, kinds: Set<RepairKind>): number | undefined {
  const [whole = '', fraction, ...more] = text.split(decimal);
  if (more.length > 0 || (fraction !== undefined && !/^\d+$/.test(fraction))) return undefined;
  let digits = whole;
  if (!/^\d*$/.test(whole)) {
    const group = groups.find((mark) => whole.includes(mark));
    if (group === undefined) return undefined;
    const [first = '', ...rest] = whole.split(group);
    if (!/^\d{1,3}$/.test(first) || rest.length === 0 || !rest.every((part) => /^\d{3}$/.test(part))) return undefined;
    digits = first + rest.join('');
    kinds.add('separator');
  }
  if (digits === '' && fraction === undefined) return undefined;
  if (decimal === ',' && fraction !== undefined) kinds.add('decimal');
  return Number(`${digits || '0'}.${fraction ?? '0'}`);
}
