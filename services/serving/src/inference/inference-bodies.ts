import { isUtf8 } from 'node:buffer';
import {
  type BasculeError,
  bodyTooLarge,
  exceedsDepth,
  jsonTooDeep,
  malformedJson,
  malformedRequest,
  unsupportedMediaType,
} from '@bascule/platform';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { invalidInference, jsonBodyTooLarge } from '../errors.js';
import { collect, collectAligned } from './aligned-body.js';
import { BinaryBody, headerLengthName, splitBody } from './binary-body.js';
import { type Codec, codecs } from './content-coding.js';
import { inferenceLimits } from './inference-limits.js';
import { parseExactJson } from './tensor-json.js';

/** Largest body, and largest JSON in it. */
export interface BodyLimits {
  readonly BODY_MAX_BYTES: number;
  readonly JSON_BODY_MAX_BYTES: number;
}

/** Teaches the routes of the protocol to read bodies: JSON, and JSON with raw tensors behind it, packed or not. */
export function installInferenceBodies(scope: FastifyInstance, limits: BodyLimits): void {
  const { BODY_MAX_BYTES: maxBytes, JSON_BODY_MAX_BYTES: maxJsonBytes } = limits;
  scope.removeAllContentTypeParsers();
  const read = (request: FastifyRequest, body: Buffer, done: (error: Error | null, value?: unknown) => void) => {
    const { 'content-type': type, 'content-encoding': coding, [headerLengthName]: headerLength } = request.headers;
    const isAccepted = isJson(type) || (headerLength !== undefined && isOctetStream(type));
    if (!isAccepted)
      return done(unsupportedMediaType({}, 'Send the body as application/json, with raw tensors as application/octet-stream.'));
    const settle = (bytes: Buffer) => {
      const value = readBody(bytes, headerLength, maxJsonBytes);
      if (value instanceof Error) done(value);
      else done(null, value);
    };
    if (coding === undefined || coding === 'identity') return settle(body);
    const codec = codecs.get(coding.toLowerCase());
    if (!codec) return done(unsupportedMediaType({}, `Content-Encoding must be one of ${[...codecs.keys()].join(', ')}.`));
    const isText = headerLength === undefined && maxJsonBytes < maxBytes;
    const limit = isText ? { maxBytes: maxJsonBytes, tooLarge: jsonBodyTooLarge } : { maxBytes, tooLarge: bodyTooLarge };
    unpack(codec, body, limit, (result) => (result instanceof Error ? done(result) : settle(result)));
  };
  const tooLarge = (bytes: number) => (bytes > maxBytes ? bodyTooLarge() : tooMuchJson(bytes, maxJsonBytes));
  scope.addContentTypeParser('*', { bodyLimit: maxBytes }, (request, payload, done) => {
    // raw tensors may stand behind the JSON
    const mostBytes = request.headers[headerLengthName] === undefined ? Math.min(maxJsonBytes, maxBytes) : maxBytes;
    collect(payload, { maxBytes: mostBytes, tooLarge }, (error, chunks, size) => {
      if (error) done(error);
      else read(request, chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, size), done);
    });
  });
  scope.addContentTypeParser(/^application\/octet-stream\s*(;|$)/i, { bodyLimit: maxBytes }, (request, payload, done) => {
    const headBytes = Number(request.headers[headerLengthName]) || 0;
    collectAligned(payload, { headBytes, maxBytes }, (error, body) => (body ? read(request, body, done) : done(error)));
  });
}

interface UnpackLimit {
  readonly maxBytes: number;
  readonly tooLarge: (params: Record<string, unknown>, detail: string) => BasculeError;
}

function unpack(codec: Codec, body: Buffer, { maxBytes, tooLarge }: UnpackLimit, done: (result: Buffer | BasculeError) => void): void {
  codec(body, { maxOutputLength: maxBytes }, (error, bytes) => {
    if (!error) return done(bytes);
    const isTooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    done(
      isTooLarge
        ? tooLarge({}, `Unpacked, the body has more than ${maxBytes} bytes.`)
        : malformedRequest({}, `The body cannot be unpacked: ${error.message}.`),
    );
  });
}

/** What a body says; nothing for an empty one. */
export function readBody(body: Buffer, headerLength: unknown, maxJsonBytes: number): unknown {
  if (headerLength === undefined) return body.length === 0 ? {} : readJson(body, maxJsonBytes);
  const parts = splitBody(body, headerLength);
  if (!parts.ok) return invalidInference({}, parts.reason);
  const json = readJson(parts.value.json, maxJsonBytes);
  return json instanceof Error ? json : new BinaryBody(json, parts.value.tensors);
}

function readJson(bytes: Buffer, maxBytes: number): unknown {
  // before it becomes text: that and what is parsed from it take many times its bytes
  if (bytes.length > maxBytes) return tooMuchJson(bytes.length, maxBytes);
  const text = bytes.toString('utf8');
  // what cannot be decoded has become this character, which few texts hold
  if (text.includes('\ufffd') && !isUtf8(bytes)) return malformedJson({}, 'The body is not UTF-8.');
  const limit = inferenceLimits.jsonDepth;
  if (opensMoreThan(text, limit) && exceedsDepth(bytes, limit)) return jsonTooDeep({ limit });
  try {
    return parseExactJson(text);
  } catch (error) {
    return malformedJson({}, (error as Error).message);
  }
}

function tooMuchJson(bytes: number, maxBytes: number): BasculeError {
  return jsonBodyTooLarge({}, `The JSON has ${bytes} bytes or more, at most ${maxBytes} are read.`);
}

// nothing nests deeper than it has brackets, and finding few brackets costs less than reading every byte
function opensMoreThan(text: string, limit: number): boolean {
  let opened = 0;
  for (const bracket of ['[', '{']) {
    for (let at = text.indexOf(bracket); at >= 0; at = text.indexOf(bracket, at + 1)) if (++opened > limit) return true;
  }
  return false;
}

function isJson(contentType: string | undefined): boolean {
  return (
    contentType === undefined || contentType === 'application/json' || /^application\/([a-z0-9.+-]+\+)?json\s*(;|$)/i.test(contentType)
  );
}

function isOctetStream(contentType: string | undefined): boolean {
  return contentType !== undefined && /^application\/octet-stream\s*(;|$)/i.test(contentType);
}
