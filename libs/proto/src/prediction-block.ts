import { fromBinary } from '@bufbuild/protobuf';
import {
  type Prediction,
  type PredictionBlock,
  PredictionBlockSchema,
  PredictionSchema,
  type Value,
} from './generated/prediction/v1/prediction_pb.js';

const uuidBytes = 16;
const traceBytes = 25;
const digits = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/**
 * Reads a block of captured predictions. Gateways write ids, traces and float32 in fewer bytes where they have their usual form;
 * what comes out says them in the usual fields, as blocks of earlier gateways do.
 * @throws when the bytes are no such block
 */
export function decodePredictionBlock(bytes: Uint8Array): PredictionBlock {
  const block = fromBinary(PredictionBlockSchema, bytes);
  for (const prediction of block.predictions) unpack(prediction);
  return block;
}

/** Reads one prediction of a block, as `decodePredictionBlock` does. */
export function decodePrediction(bytes: Uint8Array): Prediction {
  const prediction = fromBinary(PredictionSchema, bytes);
  unpack(prediction);
  return prediction;
}

function unpack(prediction: Prediction): void {
  const { predictionUuid, requestUuid, trace } = prediction;
  if (predictionUuid.length === uuidBytes) prediction.predictionId = uuidText(predictionUuid);
  if (requestUuid.length === uuidBytes) prediction.requestId = uuidText(requestUuid);
  if (trace.length === traceBytes) prediction.traceparent = traceText(trace);
  prediction.predictionUuid = none;
  prediction.requestUuid = none;
  prediction.trace = none;
  for (const value of prediction.inputs) unpackNumbers(value);
  for (const value of prediction.outputs) unpackNumbers(value);
}

const none = new Uint8Array();

function unpackNumbers({ kind }: Value): void {
  if (kind.case !== 'numbers' || kind.value.singles.length === 0) return;
  kind.value.values = kind.value.singles;
  kind.value.singles = [];
}

function uuidText(bytes: Uint8Array): string {
  return `${hex(bytes, 0, 4)}-${hex(bytes, 4, 6)}-${hex(bytes, 6, 8)}-${hex(bytes, 8, 10)}-${hex(bytes, 10, 16)}`;
}

/** Version 00 of the header of W3C. */
function traceText(bytes: Uint8Array): string {
  return `00-${hex(bytes, 0, 16)}-${hex(bytes, 16, 24)}-${hex(bytes, 24, 25)}`;
}

function hex(bytes: Uint8Array, from: number, to: number): string {
  let text = '';
  for (let at = from; at < to; at++) text += digits[bytes[at]!];
  return text;
}
