import { AsyncLocalStorage } from 'node:async_hooks';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import { type BasculeError, malformedRequest } from '@bascule/platform';
import type { ConnectError } from '@connectrpc/connect';
import { compressionBrotli, compressionGzip } from '@connectrpc/connect-node';
import { jsonBodyTooLarge } from '../errors.js';
import { messageFault } from './grpc-weight.js';
import { refusalError, refuseLimit } from './inference-limits.js';

type Handler = (request: Http2ServerRequest, response: Http2ServerResponse) => void;
type StatusOf = (error: BasculeError) => ConnectError;

const jsonType = /^application\/grpc\+json\b/i;
/** The other messages of the protocol hold a few texts. */
const inferPath = /\/ModelInfer(\?|$)/;
/** In front of each message: whether it is packed, and its length. */
const prefixBytes = 5;

/**
 * Looks at messages before the gRPC library decodes them: what is small on the wire may take all memory as objects.
 * @param maxJsonBytes of a message that is written as JSON
 * @param statusOf how an error is told over gRPC
 */
export function weighingMessages(maxBytes: number, maxJsonBytes: number, statusOf: StatusOf) {
  // whoever unpacks a message is not told what it is
  const kinds = new AsyncLocalStorage<{ readonly isJson: boolean; readonly isInference: boolean }>();
  const check = (message: Uint8Array): void => {
    const kind = kinds.getStore();
    const fault = kind?.isJson ? jsonFault(message, maxJsonBytes) : kind?.isInference ? faultOf(message) : undefined;
    if (fault) throw statusOf(fault);
  };
  const checked = (compression: typeof compressionGzip): typeof compressionGzip => ({
    ...compression,
    decompress: async (bytes, readMaxBytes) => {
      const message = await compression.decompress(bytes, readMaxBytes);
      check(message);
      return message;
    },
  });
  const guard =
    (handler: Handler): Handler =>
    (request, response) => {
      const chunks = request[Symbol.asyncIterator].bind(request);
      request[Symbol.asyncIterator] = () => whole(chunks(), maxBytes, check);
      const { 'content-type': type = '', ':path': path = '' } = request.headers;
      kinds.run({ isJson: jsonType.test(type), isInference: inferPath.test(path) }, () => handler(request, response));
    };
  return { guard, acceptCompression: [checked(compressionGzip), checked(compressionBrotli)] };
}

function jsonFault({ length }: Uint8Array, maxBytes: number): BasculeError | undefined {
  return length > maxBytes ? jsonBodyTooLarge({}, `The JSON has ${length} bytes, at most ${maxBytes} are read.`) : undefined;
}

function faultOf(message: Uint8Array): BasculeError | undefined {
  const fault = messageFault(message);
  if (!fault) return undefined;
  return fault.isTooHeavy ? refusalError(refuseLimit(fault.reason)) : malformedRequest({}, fault.reason);
}

/** Gives the message in one piece once it was looked at. What is too large, torn, or comes behind it is the library's to refuse. */
async function* whole(
  chunks: AsyncIterator<Buffer>,
  maxBytes: number,
  check: (message: Uint8Array) => void,
): AsyncGenerator<Buffer, undefined, undefined> {
  let parts: Buffer[] = [];
  let bytes = 0;
  let isLookedAt = false;
  for await (const chunk of { [Symbol.asyncIterator]: () => chunks }) {
    if (isLookedAt) {
      yield chunk;
      continue;
    }
    parts.push(chunk);
    bytes += chunk.length;
    if (bytes < prefixBytes) continue;
    if ((parts[0] as Buffer).length < prefixBytes) parts = [Buffer.concat(parts, bytes)];
    const messageBytes = (parts[0] as Buffer).readUInt32BE(1);
    const isTaken = messageBytes <= maxBytes;
    if (isTaken && bytes < prefixBytes + messageBytes) continue;
    const body = parts.length > 1 ? Buffer.concat(parts, bytes) : (parts[0] as Buffer);
    const isPacked = body[0] !== 0;
    if (isTaken && !isPacked) check(body.subarray(prefixBytes, prefixBytes + messageBytes));
    isLookedAt = true;
    parts = [];
    yield body;
  }
  yield* parts;
  return undefined;
}
