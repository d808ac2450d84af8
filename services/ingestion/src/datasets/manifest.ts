import { type DatasetManifest, type DatasetPart, datasetManifest } from '@bascule/contracts';
import type { CompiledContract } from '../contracts/compile-contract.js';
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

/** The manifest of the version that adds a part to its parent. */
export function nextManifest(
  parent: { version: string; manifest: DatasetManifest } | undefined,
  identity: Pick<DatasetManifest, 'datasetName' | 'contractName' | 'contractVersion' | 'columns'>,
  part: DatasetPart,
): DatasetManifest {
  const before = parent?.manifest;
  return datasetManifest.parse({
    schemaVersion: 1,
    datasetName: identity.datasetName,
    contractName: identity.contractName,
    contractVersion: identity.contractVersion,
    parentVersion: parent?.version ?? null,
    columns: identity.columns,
    parts: [...(before?.parts ?? []), part],
    rowCount: (before?.rowCount ?? 0) + part.rowCount,
    labelledCount: (before?.labelledCount ?? 0) + part.labelledCount,
    occurredFrom: before && before.occurredFrom < part.occurredFrom ? before.occurredFrom : part.occurredFrom,
    occurredTo: before && before.occurredTo > part.occurredTo ? before.occurredTo : part.occurredTo,
  });
}
