import type { Http2ServerRequest, Http2ServerResponse, OutgoingHttpHeaders } from 'node:http2';
import { bodyTooLarge, malformedRequest, routeNotFound, unexpected } from '@bascule/platform';
import { Code } from '@connectrpc/connect';
import { deadlineExceeded } from '../errors.js';
import { grpcMessage } from './grpc-message.js';

type Handler = (request: Http2ServerRequest, response: Http2ServerResponse) => void;

/**
 * Gives the refusals of the gRPC library what every refusal has: a code of the caller's fault, and `error-code`. They are
 * made before anything of ours is called, so that only the trailers show them.
 */
export function namingFaults(handler: Handler): Handler {
  return (request, response) => {
    const addTrailers = response.addTrailers.bind(response);
    response.addTrailers = (trailers) => addTrailers(inPlainText(named(trailers as OutgoingHttpHeaders)));
    handler(request, response);
  };
}

const faults: Readonly<Record<string, string>> = {
  [Code.ResourceExhausted]: bodyTooLarge.definition.code,
  [Code.DeadlineExceeded]: deadlineExceeded.definition.code,
  [Code.Unimplemented]: routeNotFound.definition.code,
  [Code.Internal]: unexpected.code,
};

/** The trailers of an answer, with the code of a fault that the library found. */
export function named(trailers: OutgoingHttpHeaders): OutgoingHttpHeaders {
  if (trailers['error-code'] !== undefined) return trailers;
  const status = String(trailers['grpc-status']);
  const isUnreadable = status === String(Code.Internal) && /^parse(%20| )binary/.test(String(trailers['grpc-message']));
  if (isUnreadable) return { ...trailers, 'grpc-status': String(Code.InvalidArgument), 'error-code': malformedRequest.definition.code };
  const code = faults[status];
  return code === undefined ? trailers : { ...trailers, 'error-code': code };
}

/** The library encodes its message as a part of an address: clients that decode as gRPC has it would show `%2C` for a comma. */
function inPlainText(trailers: OutgoingHttpHeaders): OutgoingHttpHeaders {
  const { 'grpc-message': message } = trailers;
  return typeof message === 'string' ? { ...trailers, 'grpc-message': grpcMessage(decodeURIComponent(message)) } : trailers;
}

/** Answers a call of a method that is not here, as gRPC has it. */
export function refuseMethod(_request: Http2ServerRequest, response: Http2ServerResponse): void {
  const message = grpcMessage(`There is no such method (${routeNotFound.definition.code})`);
  const status = { 'grpc-status': String(Code.Unimplemented), 'grpc-message': message, 'error-code': routeNotFound.definition.code };
  response.writeHead(200, { 'content-type': 'application/grpc', ...status });
  response.end();
}
