import type { LabelledPrediction, ModelSchema, Value } from '@bascule/proto';

/** Where the parts of a labelled prediction go in a record. */
export interface FeedbackMapping {
  readonly labelColumn: string;
  readonly idColumn: string | null;
  readonly idFrom: 'client_record_id' | 'prediction_id';
  readonly timeColumn: string | null;
}

// years that ISO 8601 writes with four digits and PostgreSQL knows
const earliest = Date.parse('0001-01-01T00:00:00Z');
const latest = Date.parse('9999-12-31T23:59:59.999Z');

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
  if (mapping.timeColumn !== null) record[mapping.timeColumn] = hasTime(row) ? occurredAtOf(row).toISOString() : null;
  record[mapping.labelColumn] = Number.isFinite(row.label) ? row.label : null;
  return record;
}

/** When the predicted case happened at the client; a time that no calendar here has is the beginning of 1970. */
export function occurredAtOf({ prediction }: LabelledPrediction): Date {
  const at = new Date(Number(prediction?.occurredAtMs ?? 0n));
  return at.getTime() >= earliest && at.getTime() <= latest ? at : new Date(0);
}

/** When the label was given; none where nothing was said, or no calendar here has it. */
export function labelledAtOf({ labelledAtMs }: LabelledPrediction): Date | null {
  const at = Number(labelledAtMs);
  return at > 0 && at <= latest ? new Date(at) : null;
}

// a record without a time goes to quarantine where its contract wants one, as it should
function hasTime(row: LabelledPrediction): boolean {
  return occurredAtOf(row).getTime() === Number(row.prediction?.occurredAtMs ?? 0n);
}
