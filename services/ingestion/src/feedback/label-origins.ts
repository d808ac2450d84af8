import type { DatasetPart } from '@bascule/contracts';
import type { CellValue, WrittenColumn } from '@bascule/tables';

/** Where the label of a row came from. */
export interface LabelOrigin {
  readonly predictionId: string;
  readonly revision: number;
  readonly source: string;
  readonly selection: string;
  readonly labelledAt: Date | null;
}

export const labelOriginColumns: readonly WrittenColumn[] = [
  { name: 'prediction_id', type: 'string' },
  { name: 'revision', type: 'integer' },
  { name: 'source', type: 'string' },
  { name: 'selection', type: 'string' },
  { name: 'labelled_at', type: 'timestamp' },
];

export function labelOriginRow({ predictionId, revision, source, selection, labelledAt }: LabelOrigin): CellValue[] {
  return [predictionId, revision, nameOf(source), nameOf(selection), labelledAt?.getTime() ?? null];
}

/** How many labels came from where, and how their cases were chosen. */
export function labelCounts(origins: readonly LabelOrigin[]): Omit<NonNullable<DatasetPart['labels']>, 'digest'> {
  const countBy = (of: (origin: LabelOrigin) => string) => {
    const counts: Record<string, number> = {};
    for (const origin of origins) counts[nameOf(of(origin))] = (counts[nameOf(of(origin))] ?? 0) + 1;
    return counts;
  };
  return { rowCount: origins.length, sources: countBy(({ source }) => source), selections: countBy(({ selection }) => selection) };
}

function nameOf(text: string): string {
  return text === '' ? 'unknown' : text;
}
