import type { TableReader } from '@bascule/tables';
import type { ColumnRule } from '../validation/column-rule.js';

/** How the columns of a table fit those of a contract. */
export interface ColumnFit {
  readonly faults: readonly string[];
  readonly notes: readonly string[];
  /** Position in the table of each column of the contract; -1 where it is absent. */
  readonly order: readonly number[];
}

/** Holds the columns of CSV or Parquet against the contract: by the name they are sent under or by the name of the column. */
export function fitColumns(
  { columns, facts }: Pick<TableReader, 'columns' | 'facts'>,
  rules: readonly ColumnRule[],
  unknownColumns: 'ignore' | 'reject',
  isHeaderTold: boolean,
): ColumnFit {
  if (columns.length === 0) return { faults: ['the batch is empty: not even a header'], notes: [], order: [] };
  const faults: string[] = [];
  const notes: string[] = [];
  if (facts.duplicateColumns.length > 0) faults.push(`the header names ${listed(facts.duplicateColumns)} more than once`);
  const order = rules.map((rule) => {
    const at = columns.indexOf(rule.header);
    return at >= 0 ? at : columns.indexOf(rule.name);
  });
  const absent = rules.filter((_, i) => order[i]! < 0);
  const needed = absent.filter(({ required }) => required);
  if (needed.length > 0) faults.push(`the header lacks ${listed(needed.map(({ header }) => header))}`);
  if (absent.length === rules.length && facts.hasHeader === false && !isHeaderTold)
    faults.push('the first row looks like a record, not like a header; send header=false to read it as one');
  const optional = absent.filter(({ required }) => !required);
  if (optional.length > 0) notes.push(`the header lacks the optional ${listed(optional.map(({ header }) => header))}`);
  const unknown = columns.filter((_, at) => !order.includes(at));
  if (unknown.length > 0 && unknownColumns === 'reject') faults.push(`the contract does not know the columns ${listed(unknown)}`);
  else if (unknown.length > 0) notes.push(`columns the contract does not know were left out: ${listed(unknown)}`);
  return { faults, notes, order };
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 20).map((name) => JSON.stringify(name));
  return names.length > 20 ? `${shown.join(', ')} and ${names.length - 20} more` : shown.join(', ');
}
