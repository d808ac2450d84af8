import { constants, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';

type Handler = (request: Http2ServerRequest, response: Http2ServerResponse) => void;

const graceMs = 5_000;

/**
 * Lets a stream end that is answered before all of its message has come: a client reads the answer when it has sent
 * the rest, which goes nowhere. One that never ends its message is cut off.
 */
export function endingUnread(handler: Handler): Handler {
  return (request, response) => {
    const { stream } = request;
    stream.once('finish', () => {
      if (stream.destroyed || stream.readableEnded) return;
      stream.removeAllListeners('data');
      stream.resume();
      const timer = setTimeout(() => stream.close(constants.NGHTTP2_CANCEL), graceMs);
      stream.once('close', () => clearTimeout(timer));
    });
    handler(request, response);
  };
}
