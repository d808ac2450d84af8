/** Whether the first row of a table holds names, and how sure that is. */
export interface HeaderFinding {
  readonly hasHeader: boolean;
  readonly sureness: number;
}

const typed =
  /^\s*(?:[+-]?(?:\d[\d,.' ]*|\.\d+)(?:e[+-]?\d+)?%?|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[T ].*)?|true|false|na|n\/a|null|nan)?\s*$/i;

/**
 * Tells whether the first of these rows is a header: one that has an expected name is; otherwise columns of numbers and dates decide,
 * by whether their first cell is one, too. A table of nothing but text is taken to have one.
 */
export function findHeader(rows: readonly (readonly string[])[], expected: readonly string[]): HeaderFinding {
  const [first, ...others] = rows;
  if (!first) return { hasHeader: true, sureness: 1 };
  const names = new Set(expected);
  if (first.some((cell) => names.has(cell.trim()))) return { hasHeader: true, sureness: 1 };
  let [named, data] = [0, 0];
  first.forEach((cell, at) => {
    const column = others.map((row) => row[at] ?? '').filter((value) => value !== '');
    if (column.length === 0 || column.filter((value) => typed.test(value)).length < 0.9 * column.length) return;
    if (typed.test(cell)) data += cell.trim() === '' ? 0 : 1;
    else named++;
  });
  if (named + data === 0) {
    const isNumberless = first.every((cell) => cell.trim() === '' || !typed.test(cell));
    return { hasHeader: isNumberless || others.length === 0, sureness: 0.5 };
  }
  const hasHeader = named >= data;
  return { hasHeader, sureness: Math.max(named, data) / (named + data) };
}

/** Names made distinct and never empty, with those that came more than once. */
export function distinctNames(header: readonly string[]): { columns: string[]; duplicates: string[] } {
  const trimmed = header.map((name) => name.trim());
  const taken = new Set(trimmed);
  const seen = new Set<string>();
  const duplicates = new Set<string>();
  const columns = trimmed.map((name, at) => {
    if (name !== '' && !seen.has(name)) {
      seen.add(name);
      return name;
    }
    if (name !== '') duplicates.add(name);
    const stem = name === '' ? `column_${at + 1}` : name;
    let distinct = name === '' ? stem : `${stem}_2`;
    for (let n = name === '' ? 2 : 3; taken.has(distinct); n++) distinct = `${stem}_${n}`;
    taken.add(distinct);
    return distinct;
  });
  return { columns, duplicates: [...duplicates] };
}
