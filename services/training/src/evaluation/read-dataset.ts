import type { DatasetManifest, ModelTask } from '@bascule/contracts';
import type { Cell, Feature } from '../trainers/row.js';

/** A label column, and what its values mean. */
export interface Label {
  readonly column: string;
  /** Binary when absent. */
  readonly task?: ModelTask | undefined;
  readonly positive: readonly (string | number)[];
  /** Of several classes: their values by position. */
  readonly classes?: readonly (string | number)[] | undefined;
}

type ColumnType = DatasetManifest['columns'][number]['type'];

/** Columns that a kind of feature can be read from. */
const typesOf: Readonly<Record<Feature['kind'], readonly ColumnType[]>> = {
  numeric: ['number', 'integer'],
  boolean: ['boolean', 'integer', 'number', 'string'],
  categorical: ['string', 'number', 'integer', 'boolean', 'timestamp'],
  datetime: ['timestamp'],
  text: ['string'],
};

/** What a pipeline needs from a dataset and the dataset does not have. */
export function missingColumns(manifest: DatasetManifest, features: readonly Feature[], label: Label): string[] {
  const types = new Map(manifest.columns.map((column) => [column.name, column.type]));
  const faults: string[] = [];
  for (const { name, kind } of features) {
    const type = types.get(name);
    if (!type) faults.push(`dataset ${manifest.datasetName} has no column ${name}`);
    else if (!typesOf[kind].includes(type)) faults.push(`column ${name} is ${type}, not ${kind}`);
  }
  const labelType = types.get(label.column);
  if (!labelType) faults.push(`dataset ${manifest.datasetName} has no label column ${label.column}`);
  else if (label.task === 'regression' && !typesOf.numeric.includes(labelType)) {
    faults.push(`label column ${label.column} is ${labelType}, and a regression tells numbers`);
  }
  return faults;
}

/** Name of the column that says when a record occurred. */
export function timeColumnOf(manifest: DatasetManifest): string | undefined {
  return manifest.columns.find(({ role }) => role === 'time')?.name;
}

const truths = new Map<string, number>([
  ['true', 1],
  ['1', 1],
  ['false', 0],
  ['0', 0],
]);

/** A value of a column as a feature of this kind takes it. */
export function cellOf(value: unknown, kind: Feature['kind']): Cell {
  const isMissing = value === null || value === undefined || value === '';
  if (kind === 'categorical' || kind === 'text') return isMissing ? '' : String(value);
  if (isMissing) return Number.NaN;
  if (kind === 'boolean') return truths.get(String(value).toLowerCase()) ?? Number.NaN;
  return kind === 'datetime' ? timeOf(value) / 1000 : Number(value);
}

/** The label as a number; undefined when the row has none that counts. */
export function labelOf(truth: unknown, { task = 'binary', positive, classes = [] }: Label): number | undefined {
  if (truth === null || truth === undefined || truth === '') return undefined;
  if (task === 'regression') return Number.isFinite(Number(truth)) ? Number(truth) : undefined;
  // integers arrive as bigint, booleans as such: compared as text, "1", 1 and 1n are one value
  if (task === 'binary') return positive.some((value) => String(value) === String(truth)) ? 1 : 0;
  const position = classes.findIndex((value) => String(value) === String(truth));
  return position === -1 ? undefined : position;
}

/** Milliseconds since 1970; NaN when it is no time. */
export function timeOf(value: unknown): number {
  if (value === null || value === undefined) return Number.NaN;
  if (value instanceof Date) return value.getTime();
  return typeof value === 'string' ? Date.parse(value) : Number(value);
}
