import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { headerLengthName } from './binary-body.js';
import { acceptsGzip } from './content-coding.js';
import { type Answered, binaryInference, inferenceJson, inferenceJsonInTurns } from './inference-answer.js';
import type { BinaryOutputs } from './requested-outputs.js';
import { requireTextRoom } from './text-room.js';

interface ReplyForm {
  /** Outputs to send as raw bytes. */
  readonly binary?: BinaryOutputs | undefined;
  /** Answers from this size on are packed, for clients that take it. */
  readonly gzipMinBytes: number;
  readonly acceptEncoding: string | undefined;
}

/** An answer of the REST protocol, ready to be sent. */
export interface InferenceReply {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

const pack = promisify(gzip);
// the cheapest level: numbers shrink little more with the others
const level = 1;
const leastOutside = 262_144;
const jsonHeaders = { 'content-type': 'application/json; charset=utf-8' } as const;

/** The reply to an inference: JSON, or JSON and raw tensors; packed when it is large and the client takes that. */
export function inferenceReply(answer: Answered, form: ReplyForm): InferenceReply | Promise<InferenceReply> {
  // here as well as before the capture: the answer to a repeat may be wanted in another form
  requireTextRoom(answer.outputs, form.binary);
  if (form.binary) return packedFor(binaryReply(answer, form.binary), form);
  const coming = inferenceJsonInTurns(answer);
  if (coming) return coming.then((body) => packedFor({ headers: jsonHeaders, body }, form));
  return packedFor({ headers: jsonHeaders, body: bodyOf(inferenceJson(answer)) }, form);
}

function packedFor(reply: InferenceReply, form: ReplyForm): InferenceReply | Promise<InferenceReply> {
  return reply.body.length < form.gzipMinBytes || !acceptsGzip(form.acceptEncoding) ? reply : packed(reply);
}

/** Outside the heap while it waits for a client that reads slowly. */
function bodyOf(json: string): string | Buffer {
  return json.length > leastOutside ? Buffer.from(json) : json;
}

function binaryReply(answer: Answered, binary: BinaryOutputs): InferenceReply {
  const { body, headerLength } = binaryInference(answer, binary);
  return { headers: { 'content-type': 'application/octet-stream', [headerLengthName]: String(headerLength) }, body };
}

async function packed({ headers, body }: InferenceReply): Promise<InferenceReply> {
  return { headers: { ...headers, 'content-encoding': 'gzip', vary: 'accept-encoding' }, body: await pack(body, { level }) };
}
