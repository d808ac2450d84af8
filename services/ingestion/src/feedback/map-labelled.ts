import type { LabelledPrediction, ModelSchema, Value } from '@bascule/proto';

/** Where the parts of a labelled prediction go in a record. */
export interface FeedbackMapping {
  readonly labelColumn: string;
  readonly idColumn: string | null;
  readonly idFrom: 'client_record_id' | 'prediction_id';
  readonly timeColumn: string | null;
}

type Cell = string | number | boolean | null;

/** The value of a cell as JSON can carry it; NaN and the empty text mean that there is none. */
export function cellOf({ kind }: Value): Cell {
  switch (kind.case) {
    case 'number':
      return Number.isFinite(kind.value) ? kind.value : null;
    case 'text':
      return kind.value === '' ? null : kind.value;
    case 'integer':
      return Number(kind.value);
    case 'flag':
      return kind.value;
    default:
      return null;
  }
}

/** Makes the record of a dataset from a prediction and its ground truth. */
export function recordOf(row: LabelledPrediction, model: ModelSchema, mapping: FeedbackMapping): Record<string, Cell> {
  const { prediction } = row;
  const record: Record<string, Cell> = {};
  model.inputNames.forEach((name, at) => {
    const input = prediction?.inputs[at];
    record[name] = input ? cellOf(input) : null;
  });
  const id = mapping.idFrom === 'client_record_id' ? prediction?.clientRecordId : prediction?.predictionId;
  if (mapping.idColumn !== null) record[mapping.idColumn] = id || null;
  if (mapping.timeColumn !== null) record[mapping.timeColumn] = occurredAtOf(row).toISOString();
  record[mapping.labelColumn] = Number.isFinite(row.label) ? row.label : null;
  return record;
}

/** When the predicted case happened at the client. */
export function occurredAtOf({ prediction }: LabelledPrediction): Date {
  return new Date(Number(prediction?.occurredAtMs ?? 0n));
}
