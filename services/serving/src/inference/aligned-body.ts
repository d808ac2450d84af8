import type { IncomingMessage } from 'node:http';
import { errorCodes } from 'fastify';
import { takeRoom } from './stack-room.js';

const alignment = 8;
/** Smaller chunks may be cut from memory that others share. */
const leastFreed = 16_384;

/**
 * A body of at most `maxBytes`, in memory such that what stands behind its first `headBytes` is aligned for any number; its storage
 * may be given back with `giveBack` when nobody reads it any more.
 */
export function collectAligned(
  payload: IncomingMessage,
  { headBytes, maxBytes }: { readonly headBytes: number; readonly maxBytes: number },
  done: (error: Error | null, body?: Buffer) => void,
): void {
  const tooLarge = () => new errorCodes.FST_ERR_CTP_BODY_TOO_LARGE();
  collect(payload, { maxBytes, tooLarge }, (error, chunks, size) => {
    if (error) done(error);
    else done(null, joined(chunks, size, headBytes));
  });
}

/**
 * The chunks of a body of at most `maxBytes`. More is refused by what its headers say before any of it is read, and else with
 * the first byte too many.
 */
export function collect(
  payload: IncomingMessage,
  { maxBytes, tooLarge }: { readonly maxBytes: number; readonly tooLarge: (bytes: number) => Error },
  done: (error: Error | null, chunks: readonly Buffer[], size: number) => void,
): void {
  const announced = Number(payload.headers['content-length']);
  if (announced > maxBytes) {
    done(tooLarge(announced), [], 0);
    return;
  }
  const chunks: Buffer[] = [];
  let size = 0;
  const settle = (error: Error | null) => {
    payload.off('data', take).off('end', end).off('error', fail);
    done(error, chunks, size);
  };
  const take = (chunk: Buffer) => {
    size += chunk.length;
    chunks.push(chunk);
    if (size > maxBytes) settle(tooLarge(size));
  };
  const end = () => {
    if (announced >= 0 && announced !== size) settle(new errorCodes.FST_ERR_CTP_INVALID_CONTENT_LENGTH());
    else settle(null);
  };
  const fail = (error: Error & { statusCode?: number }) => {
    if (!(error.statusCode !== undefined && error.statusCode >= 400)) error.statusCode = 400;
    settle(error);
  };
  payload.on('data', take).on('end', end).on('error', fail).resume();
}

function joined(chunks: readonly Buffer[], size: number, headBytes: number): Buffer {
  const start = (alignment - (headBytes % alignment)) % alignment;
  const shared = takeRoom(start + size);
  const room = shared ? Buffer.from(shared, 0, start + size) : Buffer.allocUnsafeSlow(start + size);
  let offset = start;
  for (const chunk of chunks) {
    offset += chunk.copy(room, offset);
    // nobody else reads it: freed here, it need not wait for a collection, which memory outside the heap makes frequent
    if (chunk.length >= leastFreed && chunk.length === chunk.buffer.byteLength) (chunk.buffer as ArrayBuffer).transfer(0);
  }
  return room.subarray(start);
}
