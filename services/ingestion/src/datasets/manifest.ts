import { type DatasetManifest, type DatasetPart, datasetManifest } from '@bascule/contracts';
import type { CompiledContract } from '../contracts/compile-contract.js';
import type { CellValue } from '../validation/column-rule.js';

/** What rows say about themselves: how many, how many with a label, and when they happened. */
export interface RowSummary {
  readonly rowCount: number;
  readonly labelledCount: number;
  readonly occurredFrom: string;
  readonly occurredTo: string;
}

/** Sums rows up; rows of a contract without a time column happened when they were received. */
export function summaryOf(contract: CompiledContract, rows: readonly (readonly CellValue[])[], receivedAt: Date): RowSummary {
  const { time, label } = contract;
  let [from, to, labelledCount] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  for (const row of rows) {
    const at = time === undefined ? receivedAt.getTime() : (row[time] as number);
    if (at < from) from = at;
    if (at > to) to = at;
    if (label !== undefined && row[label] !== null) labelledCount++;
  }
  return { rowCount: rows.length, labelledCount, occurredFrom: new Date(from).toISOString(), occurredTo: new Date(to).toISOString() };
}

/** What two groups of rows say together. */
export function mergedSummary(before: RowSummary | undefined, next: RowSummary): RowSummary {
  if (!before) return next;
  const [occurredFrom] = [before.occurredFrom, next.occurredFrom].sort() as [string, string];
  const [, occurredTo] = [before.occurredTo, next.occurredTo].sort() as [string, string];
  const [rowCount, labelledCount] = [before.rowCount + next.rowCount, before.labelledCount + next.labelledCount];
  return { rowCount, labelledCount, occurredFrom, occurredTo };
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
