import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { BasculeError } from './define-error.js';
import { headersTooLarge, malformedRequest, requestTimedOut } from './errors.js';
import { newId } from './ids.js';
import { problemOf } from './problem.js';

/** Answers what Node's parser refuses, before there is a request that anything else could answer, as a problem like all others. */
export function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  const { _httpMessage: begun } = socket as Socket & { _httpMessage?: { headersSent?: boolean } };
  // behind an answer that has begun, another one would be taken for a part of it
  if (error.code === 'ECONNRESET' || !socket.writable || begun?.headersSent) return void socket.destroy();
  socket.end(clientErrorResponse(error, newId()));
}

/** The whole HTTP response to a request that could not be parsed. */
export function clientErrorResponse(error: Error & { code?: string }, requestId: string): string {
  const { status, body } = problemOf(refusalOf(error), `urn:bascule:request:${requestId}`);
  // nobody knows which protocol this was meant for: some read the reason from `error` only
  const json = JSON.stringify({ ...body, error: body.detail });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'content-type: application/problem+json; charset=utf-8',
    `content-length: ${Buffer.byteLength(json)}`,
    `x-request-id: ${requestId}`,
    'connection: close',
  ];
  return `${head.join('\r\n')}\r\n\r\n${json}`;
}

function refusalOf({ code, message }: Error & { code?: string }): BasculeError {
  if (code === 'HPE_HEADER_OVERFLOW') return headersTooLarge();
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return requestTimedOut();
  // the parser's words, such as "Parse Error: Invalid character in Content-Length", name what is wrong
  return malformedRequest({}, `${message.slice(0, 200)}.`);
}
