import type { ColumnRule } from '../validation/column-rule.js';
import type { SchemaObject } from './odcs.schema.js';
import { positions } from './positions.js';

/** Columns whose values must be the key of a record in another dataset. */
export interface Reference {
  readonly columns: readonly number[];
  readonly datasetName: string;
  /** The key there, by the names of its columns. */
  readonly names: readonly string[];
}

/** Reads the foreign keys of a contract: ODCS relationships to `dataset.column`. @throws Error naming what cannot be read */
export function referencesOf(table: SchemaObject, rules: readonly ColumnRule[]): Reference[] {
  const references = table.properties.flatMap(({ relationships }, at) => relationships.map(({ to }) => referenceTo([at], listOf(to))));
  for (const { from = [], to } of table.relationships) {
    const own = listOf(from).map((name) => name.slice(name.lastIndexOf('.') + 1));
    references.push(referenceTo(positions(rules, own, 'a relationship'), listOf(to)));
  }
  return references;
}

function referenceTo(columns: readonly number[], targets: readonly string[]): Reference {
  const parts = targets.map((target) => [target.slice(0, target.lastIndexOf('.')), target.slice(target.lastIndexOf('.') + 1)] as const);
  const datasetName = parts[0]?.[0] ?? '';
  if (datasetName === '' || parts.length !== columns.length || parts.some(([dataset]) => dataset !== datasetName))
    throw new Error(`a relationship goes to dataset.column, to as many columns of one dataset as it comes from: ${targets.join(', ')}`);
  return { columns, datasetName, names: parts.map(([, name]) => name) };
}

function listOf(names: string | readonly string[]): readonly string[] {
  return typeof names === 'string' ? [names] : names;
}
