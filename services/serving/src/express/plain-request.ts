import { headerNumber, silent, spoken } from './plain-headers.js';

/** Larger bodies gain nothing from haste. */
export const maxPlainBodyBytes = 64 * 1024;
/** What stands in front of the body may have so many bytes; usual is half a kilobyte. */
export const maxPlainHeadBytes = 8 * 1024;

/** The head of a plain inference: JSON of known length for a model, with nothing but usual headers. */
export interface PlainRequest {
  readonly modelName: string;
  readonly authorization: string | undefined;
  readonly requestId: string | undefined;
  readonly acceptEncoding: string | undefined;
  readonly traceparent: string | undefined;
  readonly tracestate: string | undefined;
  readonly baggage: string | undefined;
  /** Where the body begins and ends, counted from the beginning of the request. */
  readonly bodyAt: number;
  readonly endAt: number;
}

const begin = 'POST /v2/models/';
const end = '/infer HTTP/1.1\r\n';
const modelPattern = /^[A-Za-z0-9._-]{1,200}$/;
// each line ends as it must, and holds nothing but what can be printed: no folded lines, no tabs, no other scripts
const linesPattern = /^(?:[\x20-\x7e]+\r\n)+$/;
const lengthPattern = /^\d{1,6}$/;
const blankLine = Buffer.from('\r\n\r\n');
const maxNumber = Math.max(...Object.values(spoken));

/**
 * Reads the head of a request from bytes that begin with it. Strict on purpose: whatever is not in the one form that
 * nobody can read in two ways is left to the parser of the web server.
 * @returns `unfinished` when the head has not come completely, undefined when the request is not plain
 */
export function readPlainHead(bytes: Buffer): PlainRequest | 'unfinished' | undefined {
  const blank = bytes.indexOf(blankLine);
  if (blank < 0) return bytes.length < maxPlainHeadBytes && couldBePlain(bytes) ? 'unfinished' : undefined;
  if (blank > maxPlainHeadBytes) return undefined;
  const head = bytes.toString('latin1', 0, blank + 2);
  const modelName = modelOf(head);
  if (modelName === undefined || !linesPattern.test(head)) return undefined;
  const values = new Array<string | undefined>(maxNumber + 1);
  for (let at = begin.length + modelName.length + end.length; at < head.length; ) {
    const lineEnd = head.indexOf('\r\n', at);
    const colon = head.indexOf(':', at);
    if (colon < 0 || colon > lineEnd) return undefined;
    const number = headerNumber(head.slice(at, colon));
    if (number === undefined) return undefined;
    if (number !== silent) {
      // twice the same: which one counts is not decided here
      if (values[number] !== undefined) return undefined;
      values[number] = head.slice(colon + 1, lineEnd).trim();
    }
    at = lineEnd + 2;
  }
  return requestOf(modelName, values, blank + blankLine.length);
}

function requestOf(modelName: string, values: readonly (string | undefined)[], bodyAt: number): PlainRequest | undefined {
  const length = values[spoken['content-length']];
  const type = values[spoken['content-type']];
  const connection = values[spoken.connection];
  if (values[spoken.host] === undefined) return undefined;
  if (type !== undefined && type !== 'application/json') return undefined;
  if (connection !== undefined && connection.toLowerCase() !== 'keep-alive') return undefined;
  if (length === undefined || !lengthPattern.test(length)) return undefined;
  const bodyBytes = Number(length);
  if (bodyBytes === 0 || bodyBytes > maxPlainBodyBytes) return undefined;
  return {
    modelName,
    authorization: values[spoken.authorization],
    requestId: values[spoken['x-request-id']],
    acceptEncoding: values[spoken['accept-encoding']],
    traceparent: values[spoken.traceparent],
    tracestate: values[spoken.tracestate],
    baggage: values[spoken.baggage],
    bodyAt,
    endAt: bodyAt + bodyBytes,
  };
}

function modelOf(head: string): string | undefined {
  if (!head.startsWith(begin)) return undefined;
  const slash = head.indexOf('/', begin.length);
  if (slash < 0 || !head.startsWith(end, slash)) return undefined;
  const name = head.slice(begin.length, slash);
  return modelPattern.test(name) ? name : undefined;
}

// whoever waits for the rest of something else would hold it up
function couldBePlain(bytes: Buffer): boolean {
  const seen = bytes.toString('latin1', 0, begin.length);
  return begin.startsWith(seen);
}
