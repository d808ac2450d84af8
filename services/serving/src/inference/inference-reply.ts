import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { FastifyReply } from 'fastify';
import { headerLengthName } from './binary-body.js';
import { acceptsGzip } from './content-coding.js';
import { type Answered, binaryInference, inferenceJson } from './inference-answer.js';
import type { BinaryOutputs } from './requested-outputs.js';

interface ReplyForm {
  /** Outputs to send as raw bytes. */
  readonly binary?: BinaryOutputs | undefined;
  /** Answers from this size on are packed, for clients that take it. */
  readonly gzipMinBytes: number;
}

const pack = promisify(gzip);
// the cheapest level: numbers shrink little more with the others
const level = 1;

/** Sends an answer of the REST protocol: JSON, or JSON and raw tensors; packed when it is large and the client takes that. */
export function sendInference(
  reply: FastifyReply,
  answer: Answered,
  { binary, gzipMinBytes }: ReplyForm,
): FastifyReply | Promise<FastifyReply> {
  let body: string | Buffer;
  if (binary) {
    const parts = binaryInference(answer, binary);
    body = parts.body;
    void reply.header('content-type', 'application/octet-stream').header(headerLengthName, String(parts.headerLength));
  } else {
    body = inferenceJson(answer);
    void reply.header('content-type', 'application/json; charset=utf-8');
  }
  if (body.length < gzipMinBytes || !acceptsGzip(reply.request.headers['accept-encoding'])) return reply.send(body);
  return pack(body, { level }).then((packed) => reply.header('content-encoding', 'gzip').header('vary', 'accept-encoding').send(packed));
}
