import { type DatasetChange, type DatasetManifest, type DatasetPart, datasetManifest } from '@bascule/contracts';
import type { CompiledContract } from '../contracts/compile-contract.js';
import { contentRootOf } from '../publication/content-root.js';
import type { CellValue } from '../validation/column-rule.js';

/** What rows say about themselves, while they are counted; times are milliseconds since 1970. */
export interface RowSummary {
  rowCount: number;
  labelledCount: number;
  from: number;
  to: number;
}

/** What the rows of a part say about themselves: how many, how many with a label, and when they happened. */
export type PartSummary = Pick<DatasetPart, 'rowCount' | 'labelledCount' | 'occurredFrom' | 'occurredTo'>;

/** Counts a row; rows of a contract without a time column happened when they were received. */
export function withRow(
  summary: RowSummary | undefined,
  { time, label }: Pick<CompiledContract, 'time' | 'label'>,
  row: readonly CellValue[],
  receivedAt: Date,
): RowSummary {
  const counted = summary ?? { rowCount: 0, labelledCount: 0, from: Number.POSITIVE_INFINITY, to: Number.NEGATIVE_INFINITY };
  const at = time === undefined ? receivedAt.getTime() : (row[time] as number);
  if (at < counted.from) counted.from = at;
  if (at > counted.to) counted.to = at;
  if (label !== undefined && row[label] !== null) counted.labelledCount++;
  counted.rowCount++;
  return counted;
}

export function summaryOf({ rowCount, labelledCount, from, to }: RowSummary): PartSummary {
  return { rowCount, labelledCount, occurredFrom: new Date(from).toISOString(), occurredTo: new Date(to).toISOString() };
}

/** The manifest of a version of given parts. */
export function manifestOf(facts: {
  datasetName: string;
  contractName: string;
  contractVersion: number;
  parentVersion: string | null;
  columns: DatasetManifest['columns'];
  parts: readonly DatasetPart[];
  change: DatasetChange;
}): DatasetManifest {
  const { parts, columns } = facts;
  const sum = (of: (part: DatasetPart) => number) => parts.reduce((total, part) => total + of(part), 0);
  const times = (of: (part: DatasetPart) => string) => parts.map(of).sort();
  return datasetManifest.parse({
    schemaVersion: 1,
    datasetName: facts.datasetName,
    contractName: facts.contractName,
    contractVersion: facts.contractVersion,
    parentVersion: facts.parentVersion,
    columns,
    parts,
    rowCount: sum(({ rowCount }) => rowCount),
    labelledCount: sum(({ labelledCount }) => labelledCount),
    occurredFrom: times(({ occurredFrom }) => occurredFrom)[0],
    occurredTo: times(({ occurredTo }) => occurredTo).at(-1),
    change: facts.change,
    contentRoot: contentRootOf({ columns, parts }),
  });
}
