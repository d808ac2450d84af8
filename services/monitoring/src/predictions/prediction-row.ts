import { type ModelSchema, type Prediction, PredictionSchema, type Value } from '@bascule/proto';
import { create, toBinary } from '@bufbuild/protobuf';
import type { Cell } from '../windows/window-counts.js';

/** One captured prediction as it is stored. */
export interface PredictionRow {
  predictionId: string;
  receivedAt: Date;
  occurredAt: Date;
  schema: ModelSchema;
  clientRecordId: string | null;
  keyId: string;
  rolloutId: string | null;
  role: number;
  /** Probability of the positive class; null when the answer was no usable probability. */
  score: number | null;
  /** Inputs, outputs and what else nobody searches by, as the captured message without the columns above. */
  payload: Uint8Array;
  cells: [feature: string, cell: Cell][];
}

export function toRow(prediction: Prediction, models: readonly ModelSchema[]): PredictionRow {
  const schema = models[prediction.model];
  if (!schema) throw new RangeError(`prediction ${prediction.predictionId} names model ${prediction.model} of ${models.length}`);
  const { requestId, latencyUs, inputs, outputs, traceparent } = prediction;
  return {
    predictionId: prediction.predictionId,
    receivedAt: instantOf(prediction.receivedAtMs),
    occurredAt: instantOf(prediction.occurredAtMs),
    schema,
    // PostgreSQL takes no NUL; one such id must not keep the rows of other clients in its block from being stored
    clientRecordId: prediction.clientRecordId.replaceAll('\0', '') || null,
    keyId: prediction.keyId,
    rolloutId: prediction.rolloutId || null,
    role: prediction.role,
    score: scoreOf(schema, outputs),
    payload: toBinary(PredictionSchema, create(PredictionSchema, { requestId, latencyUs, inputs, outputs, traceparent })),
    cells: schema.inputNames.map((name, i) => [name, cellOf(inputs[i])]),
  };
}

function instantOf(milliseconds: bigint): Date {
  const instant = new Date(Number(milliseconds));
  if (Number.isNaN(instant.getTime())) throw new RangeError(`${milliseconds} is no point in time`);
  return instant;
}

/** What the counters see: empty text and NaN are missing. */
export function cellOf(value: Value | undefined): Cell {
  switch (value?.kind.case) {
    case 'number':
      return Number.isFinite(value.kind.value) ? value.kind.value : undefined;
    case 'integer':
      return Number(value.kind.value);
    case 'text':
      return value.kind.value === '' ? undefined : value.kind.value;
    case 'flag':
      return String(value.kind.value);
    default:
      return undefined;
  }
}

/** Probability of the positive class: the last of the class probabilities, or a single number between 0 and 1. */
export function scoreOf(schema: ModelSchema, outputs: readonly Value[]): number | null {
  const position = schema.outputNames.findIndex((name) => /^prob|score/i.test(name));
  const value = outputs[position === -1 ? outputs.length - 1 : position];
  const score =
    value?.kind.case === 'numbers' ? value.kind.value.values.at(-1) : value?.kind.case === 'number' ? value.kind.value : undefined;
  return score !== undefined && score >= 0 && score <= 1 ? score : null;
}

/** A value as JSON shows it. */
export function plainOf(value: Value | undefined): number | string | boolean | number[] | null {
  switch (value?.kind.case) {
    case 'number':
      return Number.isFinite(value.kind.value) ? value.kind.value : null;
    case 'integer':
      return Number(value.kind.value);
    case 'numbers':
      return value.kind.value.values;
    case 'text':
    case 'flag':
      return value.kind.value;
    default:
      return null;
  }
}
