import { type ModelSchema, type Prediction, PredictionSchema, type Value } from '@bascule/proto';
import { create, toBinary } from '@bufbuild/protobuf';
import type { Cell } from '../windows/window-counts.js';
import { storableText } from './storable.js';

/** One captured prediction as it is stored. */
export interface PredictionRow {
  predictionId: string;
  receivedAt: Date;
  occurredAt: Date;
  schema: ModelSchema;
  /** As it can be stored; the payload has one that differs as the client sent it. */
  clientRecordId: string | null;
  keyId: string;
  rolloutId: string | null;
  role: number;
  /** Probability of the positive class; null when the answer was no usable probability. */
  score: number | null;
  /** What is compared between versions: the score, else the first number of the answer; null when there is none. */
  output: number | null;
  /** False when only hashes were captured, or the row was too large. */
  hasValues: boolean;
  /** Of a shadow: the prediction whose request it saw a copy of. */
  shadowOf: string | null;
  /** Inputs, outputs and what else nobody searches by, as the captured message without the columns above. */
  payload: Uint8Array;
  cells: [feature: string, cell: Cell][];
}

/** The row of a prediction that can be stored, under a schema that can. */
export function toRow(prediction: Prediction, schema: ModelSchema): PredictionRow {
  const { requestId, latencyUs, inputs, outputs, traceparent, inputsHash, outputsHash } = prediction;
  const recordId = storableText(prediction.clientRecordId);
  const clientRecordId = recordId === prediction.clientRecordId ? '' : prediction.clientRecordId;
  return {
    predictionId: prediction.predictionId,
    receivedAt: new Date(Number(prediction.receivedAtMs)),
    occurredAt: new Date(Number(prediction.occurredAtMs)),
    schema,
    clientRecordId: recordId || null,
    keyId: storableText(prediction.keyId),
    rolloutId: prediction.rolloutId || null,
    role: prediction.role,
    score: scoreOf(schema, outputs),
    output: scoreOf(schema, outputs) ?? numberOf(outputs),
    hasValues: inputs.length > 0 || schema.inputNames.length === 0,
    shadowOf: prediction.shadowOf || null,
    payload: toBinary(
      PredictionSchema,
      create(PredictionSchema, { requestId, clientRecordId, latencyUs, inputs, outputs, traceparent, inputsHash, outputsHash }),
    ),
    cells: schema.inputNames.map((name, i) => [name, cellOf(inputs[i])]),
  };
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

/** The first number of an answer without a probability. */
function numberOf(outputs: readonly Value[]): number | null {
  for (const { kind } of outputs) {
    const first = kind.case === 'numbers' ? kind.value.values[0] : undefined;
    const value = kind.case === 'number' || kind.case === 'integer' ? Number(kind.value) : first;
    if (value !== undefined && Number.isFinite(value)) return value;
  }
  return null;
}
