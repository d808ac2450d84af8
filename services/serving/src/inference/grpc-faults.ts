import type { Http2ServerRequest, Http2ServerResponse, OutgoingHttpHeaders } from 'node:http2';
import { bodyTooLarge, malformedRequest } from '@bascule/platform';
import { Code } from '@connectrpc/connect';

type Handler = (request: Http2ServerRequest, response: Http2ServerResponse) => void;

/**
 * Gives the refusals of the gRPC library what every refusal has: a code of the caller's fault, and `error-code`. They are
 * made before anything of ours is called, so that only the trailers show them.
 */
export function namingFaults(handler: Handler): Handler {
  return (request, response) => {
    const addTrailers = response.addTrailers.bind(response);
    response.addTrailers = (trailers) => addTrailers(named(trailers as OutgoingHttpHeaders));
    handler(request, response);
  };
}

/** The trailers of an answer, with the code of a fault that the library found. */
export function named(trailers: OutgoingHttpHeaders): OutgoingHttpHeaders {
  if (trailers['error-code'] !== undefined) return trailers;
  const status = String(trailers['grpc-status']);
  if (status === String(Code.ResourceExhausted)) return { ...trailers, 'error-code': bodyTooLarge().code };
  const isUnreadable = status === String(Code.Internal) && /^parse(%20| )binary/.test(String(trailers['grpc-message']));
  if (!isUnreadable) return trailers;
  return { ...trailers, 'grpc-status': String(Code.InvalidArgument), 'error-code': malformedRequest().code };
}
