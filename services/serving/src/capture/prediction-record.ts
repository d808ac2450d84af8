import type { CaptureSetting, RoutedVersion } from '@bascule/contracts';
import { CaptureTallySchema, ModelSchemaSchema, PredictionBlockSchema, Role } from '@bascule/proto';
import { create, toBinary } from '@bufbuild/protobuf';
import type { RecordParameters } from '../inference/record-parameters.js';
import type { Tensor } from '../inference/tensor.js';
import { writeCells } from './captured-value.js';
import type { FieldWriter } from './field-writer.js';
import type { RowHashes } from './row-hashes.js';
import type { Seal } from './write-ahead.js';

/** The version that answered, as far as a record speaks of it. */
export interface AnsweredBy {
  readonly modelName: string;
  readonly routed: RoutedVersion;
  readonly runtime: string;
  readonly isBatched: boolean;
  /** The execution provider; `cpu` when absent. */
  readonly provider?: string | undefined;
}

/** One answered inference as it is captured. */
export interface Answered {
  readonly loaded: AnsweredBy;
  readonly role: RoutedVersion['role'];
  /** One per row. */
  readonly predictionIds: readonly string[];
  readonly requestId: string;
  readonly keyId: string;
  readonly receivedAtMs: number;
  readonly latencyUs: number;
  readonly traceparent: string;
  readonly rolloutId: string;
  readonly records: RecordParameters;
  /** In the order of the signature. */
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  /** Everything when absent. */
  readonly capture?: CaptureSetting | undefined;
  /** Of a shadow: the predictions whose requests it saw a copy of, one per row. */
  readonly shadowOf?: readonly string[] | undefined;
}

const roles = { champion: Role.CHAMPION, challenger: Role.CHALLENGER, shadow: Role.SHADOW } as const;
/** Field 3 of a block. */
const modelTag = 0x1a;
/** Field 4 of a block. */
const predictionTag = 0x22;
/** Fields of a prediction, as tags: number and kind. */
const tags = {
  predictionId: 0x0a,
  requestId: 0x12,
  clientRecordId: 0x1a,
  keyId: 0x22,
  model: 0x28,
  occurredAtMs: 0x30,
  receivedAtMs: 0x38,
  latencyUs: 0x40,
  inputs: 0x4a,
  outputs: 0x52,
  traceparent: 0x5a,
  rolloutId: 0x62,
  role: 0x68,
  shadowOf: 0x72,
  inputsHash: 0x7a,
} as const;
// field 16 is the first whose tag takes two bytes
const tagsBehind = { outputsHash: 0x82, predictionUuid: 0x8a, requestUuid: 0x92, trace: 0x9a } as const;

/** What is written of a row besides who asked when: its values, their hashes, or neither when it is too large. */
export type RowContent = 'values' | 'nothing' | RowHashes;

/** Writes one row as one field of a block. */
export function writePrediction(writer: FieldWriter, answered: Answered, row: number, model: number, content: RowContent): void {
  const { records, loaded } = answered;
  writer.byte(predictionTag);
  const start = writer.openLength();
  writeId(writer, 'predictionId', 'predictionUuid', answered.predictionIds[row] ?? '');
  writeId(writer, 'requestId', 'requestUuid', answered.requestId);
  writeText(writer, tags.clientRecordId, records.clientRecordIds[row] ?? '');
  writeText(writer, tags.keyId, answered.keyId);
  writeNumber(writer, tags.model, model);
  writeNumber(writer, tags.occurredAtMs, records.occurredAtMs[row] ?? answered.receivedAtMs);
  writeNumber(writer, tags.receivedAtMs, answered.receivedAtMs);
  writeNumber(writer, tags.latencyUs, answered.latencyUs);
  if (content === 'values') {
    for (const tensor of answered.inputs) {
      writer.byte(tags.inputs);
      writeCells(writer, tensor, row, loaded.isBatched);
    }
    for (const tensor of answered.outputs) {
      writer.byte(tags.outputs);
      writeCells(writer, tensor, row, loaded.isBatched);
    }
  }
  writeTrace(writer, answered.traceparent);
  writeText(writer, tags.rolloutId, answered.rolloutId);
  writeNumber(writer, tags.role, roles[answered.role]);
  writeText(writer, tags.shadowOf, answered.shadowOf?.[row] ?? '');
  if (typeof content === 'object') {
    writer.byte(tags.inputsHash);
    writer.blob(content.inputs);
    tagBehind(writer, tagsBehind.outputsHash);
    writer.blob(content.outputs);
  }
  writer.closeLength(start);
}

/** Writes the columns of a version as one field of a block. */
export function writeModel(writer: FieldWriter, schema: Uint8Array): void {
  writer.byte(modelTag);
  writer.blob(schema);
}

/** The columns of a version, and what ran it. */
export function modelSchemaOf({ modelName, routed, runtime, provider }: AnsweredBy, processor: string): Uint8Array {
  const schema = create(ModelSchemaSchema, {
    modelName,
    modelVersion: routed.version,
    artifactDigest: routed.artifactDigest,
    inputNames: routed.signature.inputs.map(({ name }) => name),
    outputNames: routed.signature.outputs.map(({ name }) => name),
    runtime,
    provider: provider ?? 'cpu',
    processor,
  });
  return toBinary(ModelSchemaSchema, schema);
}

/** Everything of a block but its models and rows, which are appended as they were written ahead. */
export function blockHeader({ producer, sequence, runtime, dropped, rowsBefore, tallies = [] }: Seal & { producer: string }): Uint8Array {
  const header = create(PredictionBlockSchema, {
    producer,
    runtime,
    sequence: BigInt(sequence),
    dropped: BigInt(dropped),
    ...(rowsBefore === undefined ? {} : { rowsBefore: BigInt(rowsBefore) }),
    tallies: tallies.map(({ modelName, modelVersion, answered, captured }) =>
      create(CaptureTallySchema, { modelName, modelVersion, answeredRows: BigInt(answered), capturedRows: BigInt(captured) }),
    ),
  });
  return toBinary(PredictionBlockSchema, header);
}

/** A UUID as its bytes, any other id as its text. */
function writeId(writer: FieldWriter, asText: 'predictionId' | 'requestId', asBytes: 'predictionUuid' | 'requestUuid', id: string): void {
  const start = writer.length;
  tagBehind(writer, tagsBehind[asBytes]);
  if (writer.uuid(id)) return;
  writer.length = start;
  writeText(writer, tags[asText], id);
}

function writeTrace(writer: FieldWriter, traceparent: string): void {
  const start = writer.length;
  tagBehind(writer, tagsBehind.trace);
  if (writer.trace(traceparent)) return;
  writer.length = start;
  writeText(writer, tags.traceparent, traceparent);
}

function tagBehind(writer: FieldWriter, tag: number): void {
  writer.byte(tag);
  writer.byte(1);
}

function writeText(writer: FieldWriter, tag: number, value: string): void {
  if (value === '') return;
  writer.byte(tag);
  writer.text(value);
}

function writeNumber(writer: FieldWriter, tag: number, value: number): void {
  if (value === 0) return;
  writer.byte(tag);
  writer.int64(value);
}
