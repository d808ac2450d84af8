import type { RoutedVersion } from '@bascule/contracts';
import { ModelSchemaSchema, type Prediction, PredictionBlockSchema, PredictionSchema, Role, type Value, ValueSchema } from '@bascule/proto';
import { create, toBinary } from '@bufbuild/protobuf';
import type { RecordParameters } from '../inference/record-parameters.js';
import { fromHalf, rowLength, type Tensor } from '../inference/tensor.js';

/** One answered inference as it is captured. */
export interface Answered {
  readonly loaded: { readonly modelName: string; readonly routed: RoutedVersion; readonly runtime: string; readonly isBatched: boolean };
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
}

const roles = { champion: Role.CHAMPION, challenger: Role.CHALLENGER, shadow: Role.SHADOW } as const;
const modelsField = 3;
const predictionsField = 4;

/** The rows of an answer; the block they end up in says where their schema stands. */
export function predictionsOf(answered: Answered): Prediction[] {
  const { predictionIds, records, loaded } = answered;
  return predictionIds.map((predictionId, row) =>
    create(PredictionSchema, {
      predictionId,
      requestId: answered.requestId,
      clientRecordId: records.clientRecordIds[row] ?? '',
      keyId: answered.keyId,
      occurredAtMs: BigInt(records.occurredAtMs[row] ?? answered.receivedAtMs),
      receivedAtMs: BigInt(answered.receivedAtMs),
      latencyUs: answered.latencyUs,
      inputs: answered.inputs.map((tensor) => cellsOfRow(tensor, row, loaded.isBatched)),
      outputs: answered.outputs.map((tensor) => cellsOfRow(tensor, row, loaded.isBatched)),
      traceparent: answered.traceparent,
      rolloutId: answered.rolloutId,
      role: roles[answered.role],
    }),
  );
}

/** A row too large for the stream keeps who, when and which model. */
export function withoutValues(prediction: Prediction): Prediction {
  return { ...prediction, inputs: [], outputs: [] };
}

/** One row of a tensor; without a batch axis the whole tensor is one row. */
export function cellsOfRow(tensor: Tensor, row: number, isBatched: boolean): Value {
  const length = isBatched ? rowLength(tensor.shape) : tensor.data.length;
  const part = tensor.data.slice(row * length, (row + 1) * length);
  const cells = tensor.datatype === 'FP16' ? fromHalf(part as Uint16Array) : part;
  return create(ValueSchema, { kind: length === 1 ? cellOf(tensor, cells[0]) : cellsOf(cells) });
}

function cellOf({ datatype }: Tensor, cell: number | bigint | string | undefined): Value['kind'] {
  if (typeof cell === 'string') return { case: 'text', value: cell };
  // unsigned values above the signed range keep their size as a double
  if (typeof cell === 'bigint') return cell < 2n ** 63n ? { case: 'integer', value: cell } : { case: 'number', value: Number(cell) };
  if (cell === undefined || Number.isNaN(cell)) return { case: undefined };
  if (datatype === 'BOOL') return { case: 'flag', value: cell !== 0 };
  return datatype.startsWith('FP') ? { case: 'number', value: cell } : { case: 'integer', value: BigInt(cell) };
}

function cellsOf(cells: ArrayLike<number | bigint | string>): Value['kind'] {
  const list = Array.from(cells);
  if (list.some((cell) => typeof cell === 'string')) return { case: 'text', value: JSON.stringify(list) };
  return { case: 'numbers', value: { $typeName: 'prediction.v1.Numbers', values: list.map(Number) } };
}

/** The schema of a version, as one field of a block. */
export function modelChunk({ loaded: { modelName, routed } }: Answered): Uint8Array {
  const schema = create(ModelSchemaSchema, {
    modelName,
    modelVersion: routed.version,
    artifactDigest: routed.artifactDigest,
    inputNames: routed.signature.inputs.map(({ name }) => name),
    outputNames: routed.signature.outputs.map(({ name }) => name),
  });
  return fieldChunk(modelsField, toBinary(ModelSchemaSchema, schema));
}

/** One row, as one field of a block. */
export function predictionChunk(prediction: Prediction): Uint8Array {
  return fieldChunk(predictionsField, toBinary(PredictionSchema, prediction));
}

/** Everything of a block but its models and rows, which are appended as they were written ahead. */
export function blockHeader(header: { producer: string; sequence: number; runtime: string; dropped: number }): Uint8Array {
  const { producer, runtime } = header;
  return toBinary(
    PredictionBlockSchema,
    create(PredictionBlockSchema, { producer, runtime, sequence: BigInt(header.sequence), dropped: BigInt(header.dropped) }),
  );
}

// protobuf lets repeated fields be written one by one: a row is encoded once and never copied into a message again
function fieldChunk(field: number, message: Uint8Array): Uint8Array {
  const prefix: number[] = [(field << 3) | 2];
  for (let rest = message.length; ; rest >>>= 7) {
    prefix.push(rest > 127 ? (rest & 127) | 128 : rest);
    if (rest <= 127) break;
  }
  const chunk = new Uint8Array(prefix.length + message.length);
  chunk.set(prefix);
  chunk.set(message, prefix.length);
  return chunk;
}
