import type { ColumnRule } from '../validation/column-rule.js';

/** Positions of columns by their names. @throws Error naming the one that the contract does not have */
export function positions(rules: readonly ColumnRule[], names: readonly string[], where: string): number[] {
  return names.map((name) => {
    const at = rules.findIndex((rule) => rule.name === name);
    if (at < 0) throw new Error(`${where} names the column ${name}, which the contract does not have`);
    return at;
  });
}
