import {
  type CaptureTally,
  decodePredictionBlock,
  LabelledBlockSchema,
  type ModelSchema,
  type Prediction,
  plainColumns,
  plainNumber,
} from '@bascule/proto';
import { fromBinary } from '@bufbuild/protobuf';

/** A row of a block in words, as the log commits to it and as auditors read it. */
export interface PredictionRow {
  readonly predictionId: string;
  readonly modelName: string;
  readonly modelVersion: number;
  readonly artifactDigest: string;
  readonly requestId: string;
  readonly clientRecordId: string | null;
  readonly keyId: string;
  readonly occurredAt: string;
  readonly receivedAt: string;
  readonly latencyUs: number;
  readonly inputs: Record<string, unknown>;
  readonly outputs: Record<string, unknown>;
  readonly rolloutId: string | null;
  readonly role: string;
  /** Absent in rows of gateways that did not say. */
  readonly traceparent?: string;
  readonly computedOn?: { readonly runtime: string; readonly provider: string; readonly processor: string };
  /** Of a shadow: the prediction whose request it saw a copy of. */
  readonly shadowOf?: string;
  /** Salted commitments, where only hashes are captured. */
  readonly inputsHash?: string;
  readonly outputsHash?: string;
  readonly label?: RowLabel;
}

/** The ground truth of a row. */
export interface RowLabel {
  readonly value: unknown;
  readonly revision: number;
  readonly source: string;
  readonly labelledAt: string;
  /** How the case was selected for labelling; absent in blocks from before that was kept. */
  readonly selection?: string;
  readonly selectionNote?: string;
}

/** What a block says. */
export interface DecodedBlock {
  readonly rows: PredictionRow[];
  readonly producer?: string;
  readonly sequence?: number;
  readonly dropped?: number;
  /** Rows its producer answered and, as their endpoints want it, did not capture, since it started. */
  readonly leftOut?: number;
  /** The same by model version. */
  readonly tallies?: readonly {
    readonly modelName: string;
    readonly modelVersion: number;
    readonly answered: number;
    readonly captured: number;
  }[];
}

const roles = ['unspecified', 'champion', 'challenger', 'shadow'];

const instantOf = (ms: bigint) => new Date(Number(ms)).toISOString();

function rowOf(prediction: Prediction, models: readonly ModelSchema[]): PredictionRow {
  const model = models[prediction.model];
  if (!model) throw new Error(`prediction ${prediction.predictionId} names model ${prediction.model} of ${models.length}`);
  return {
    predictionId: prediction.predictionId,
    modelName: model.modelName,
    modelVersion: model.modelVersion,
    artifactDigest: model.artifactDigest,
    requestId: prediction.requestId,
    clientRecordId: prediction.clientRecordId || null,
    keyId: prediction.keyId,
    occurredAt: instantOf(prediction.occurredAtMs),
    receivedAt: instantOf(prediction.receivedAtMs),
    latencyUs: prediction.latencyUs,
    inputs: plainColumns(model.inputNames, prediction.inputs),
    outputs: plainColumns(model.outputNames, prediction.outputs),
    rolloutId: prediction.rolloutId || null,
    role: roles[prediction.role] ?? 'unspecified',
    ...addedLater(prediction, model),
  };
}

// the log committed to rows of earlier gateways without these
function addedLater({ traceparent, shadowOf, inputsHash, outputsHash }: Prediction, { runtime, provider, processor }: ModelSchema) {
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
  return {
    ...(provider === '' ? {} : { traceparent, computedOn: { runtime, provider, processor } }),
    ...(shadowOf === '' ? {} : { shadowOf }),
    ...(inputsHash.length === 0 ? {} : { inputsHash: hex(inputsHash) }),
    ...(outputsHash.length === 0 ? {} : { outputsHash: hex(outputsHash) }),
  };
}

function exact(value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new Error(`${value} is past what a counter can be`);
  return number;
}

function leftOutOf(stated: readonly CaptureTally[]) {
  const tallies = stated.map(({ modelName, modelVersion, answeredRows, capturedRows }) => ({
    modelName,
    modelVersion,
    answered: exact(answeredRows),
    captured: exact(capturedRows),
  }));
  return { tallies, leftOut: tallies.reduce((sum, { answered, captured }) => sum + answered - captured, 0) };
}

/** Reads a block of captured predictions. */
export function readPredictionBlock(bytes: Uint8Array): DecodedBlock {
  const block = decodePredictionBlock(bytes);
  return {
    rows: block.predictions.map((prediction) => rowOf(prediction, block.models)),
    producer: block.producer,
    sequence: exact(block.sequence),
    dropped: exact(block.dropped),
    ...(block.tallies.length === 0 ? {} : leftOutOf(block.tallies)),
  };
}

/** Reads a block of labelled predictions. */
export function readLabelledBlock(bytes: Uint8Array): DecodedBlock {
  const block = fromBinary(LabelledBlockSchema, bytes);
  const rows = block.rows.map(({ prediction, label, revision, source, labelledAtMs, selection, selectionNote }) => {
    if (!prediction) throw new Error('a labelled row has no prediction');
    return {
      ...rowOf(prediction, block.models),
      label: {
        value: plainNumber(label),
        revision,
        source,
        labelledAt: instantOf(labelledAtMs),
        // the log committed to older rows without these
        ...(selection === '' ? {} : { selection }),
        ...(selectionNote === '' ? {} : { selectionNote }),
      },
    };
  });
  return { rows };
}

/** Reads a block by its event type; undefined when the type carries none. */
export function readBlock(type: string, bytes: Uint8Array): DecodedBlock | undefined {
  if (type === 'serving.prediction.logged.v1') return readPredictionBlock(bytes);
  if (type === 'monitoring.prediction.labelled.v1') return readLabelledBlock(bytes);
  return undefined;
}
