/** Smaller groups are shown, but counted in no difference: their rates are chance. */
export const minRowsOfGroup = 30;

/** Rows by their value of a column, the most frequent first. */
export function groupsOf(values: readonly string[]): [value: string, rows: Int32Array][] {
  const rows = new Map<string, number[]>();
  for (const [row, value] of values.entries()) {
    const own = rows.get(value);
    if (own) own.push(row);
    else rows.set(value, [row]);
  }
  const groups = [...rows].map(([value, own]): [string, Int32Array] => [value, Int32Array.from(own)]);
  return groups.sort((a, b) => b[1].length - a[1].length || (a[0] < b[0] ? -1 : 1));
}

/** Largest difference between any two of them; null where fewer than two are told. */
export function spread(values: readonly (number | null)[]): number | null {
  const told = values.filter((value) => value !== null);
  return told.length < 2 ? null : Math.max(...told) - Math.min(...told);
}

/** Groups that count, and the names of those that are too small to. */
export function counted<Group extends { readonly value: string; readonly rowCount: number }>(groups: readonly Group[]) {
  const isLarge = ({ rowCount }: Group) => rowCount >= minRowsOfGroup;
  return { large: groups.filter(isLarge), leftOut: groups.filter((group) => !isLarge(group)).map(({ value }) => value) };
}
