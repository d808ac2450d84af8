import type { DatasetManifest } from '@bascule/contracts';
import type { Cell, Feature, Row } from '../trainers/row.js';

/** A label column and the values of it that mean "yes". */
export interface Label {
  readonly column: string;
  readonly positive: readonly (string | number)[];
}

export type RawRecord = Readonly<Record<string, unknown>>;

/** What a pipeline needs from a dataset and the dataset does not have. */
export function missingColumns(manifest: DatasetManifest, features: readonly Feature[], label: Label): string[] {
  const types = new Map(manifest.columns.map((column) => [column.name, column.type]));
  const faults: string[] = [];
  for (const { name, kind } of features) {
    const type = types.get(name);
    if (!type) faults.push(`dataset ${manifest.datasetName} has no column ${name}`);
    else if (kind === 'numeric' && type !== 'number' && type !== 'integer') faults.push(`column ${name} is ${type}, not numeric`);
  }
  if (!types.has(label.column)) faults.push(`dataset ${manifest.datasetName} has no label column ${label.column}`);
  if (!timeColumnOf(manifest)) faults.push(`dataset ${manifest.datasetName} has no column with the role time`);
  return faults;
}

/** Name of the column that says when a record occurred. */
export function timeColumnOf(manifest: DatasetManifest): string | undefined {
  return manifest.columns.find(({ role }) => role === 'time')?.name;
}

function cellOf(value: unknown, kind: Feature['kind']): Cell {
  if (kind === 'categorical') return value === null || value === undefined ? '' : String(value);
  return value === null || value === undefined || value === '' ? Number.NaN : Number(value);
}

function timeOf(value: unknown): number {
  if (value instanceof Date) return value.getTime();
  return typeof value === 'string' ? Date.parse(value) : Number(value);
}

/** A labelled row, or undefined when the record carries no label or no time yet. */
export function rowOf(record: RawRecord, features: readonly Feature[], label: Label, timeColumn: string): Row | undefined {
  const truth = record[label.column];
  const occurredAt = timeOf(record[timeColumn]);
  if (truth === null || truth === undefined || truth === '' || Number.isNaN(occurredAt)) return undefined;
  // integers arrive as bigint, booleans as such: compared as text, "1", 1 and 1n are one value
  const isPositive = label.positive.some((value) => String(value) === String(truth));
  return { occurredAt, label: isPositive ? 1 : 0, cells: features.map(({ name, kind }) => cellOf(record[name], kind)) };
}
