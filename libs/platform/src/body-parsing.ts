import type { FastifyInstance } from 'fastify';
import { forbiddenJsonName, jsonTooDeep, malformedJson } from './errors.js';
import { exceedsDepth } from './json-depth.js';
import { mayHoldUnreadableText, unreadableTexts } from './readable-text.js';
import { refusalOf } from './request-validation.pipe.js';

export interface BodyOptions {
  /** Content types that reach the controller as a Buffer. */
  readonly rawBodies?: readonly string[];
  /** Says which requests hand their body, of whatever type, to the controller as a stream; the controller bounds its length. */
  readonly isStreamed?: (method: string, path: string) => boolean;
  /** Largest body of any kind. */
  readonly bodyLimitBytes: number;
  /** Largest JSON body. */
  readonly jsonLimitBytes: number;
  /** Deepest nesting of a JSON body. */
  readonly jsonDepthLimit: number;
}

/** Header in which a streamed request keeps the content type that was sent. */
export const sentTypeHeader = 'bascule-sent-content-type';
const streamedType = 'application/vnd.bascule.streamed';

/** Replaces Fastify's parsers: JSON with limits on size and nesting, listed types as they are, everything else refused. */
export function installBodyParsers(server: FastifyInstance, options: BodyOptions): void {
  server.removeAllContentTypeParsers();
  const parseJson = server.getDefaultJsonParser('error', 'error');
  server.addContentTypeParser<Buffer>(
    /^application\/([a-z0-9.+-]+\+)?json\b/,
    { parseAs: 'buffer', bodyLimit: options.jsonLimitBytes },
    (request, body, done) => {
      if (body.length === 0) return done(null, undefined);
      if (exceedsDepth(body, options.jsonDepthLimit)) return done(jsonTooDeep({ limit: options.jsonDepthLimit }));
      // the buffer is decoded here: Fastify's parser wants text
      const text = body.toString('utf8');
      parseJson(request, text, (error, value) => {
        if (error) return done(isJson(text) ? forbiddenJsonName() : malformedJson({}, error.message));
        const faults = mayHoldUnreadableText(text) ? unreadableTexts(value) : [];
        return faults.length > 0 ? done(refusalOf(faults)) : done(null, value);
      });
    },
  );
  for (const type of options.rawBodies ?? []) {
    server.addContentTypeParser<Buffer>(type, { parseAs: 'buffer', bodyLimit: options.bodyLimitBytes }, (_request, body, done) =>
      done(null, body),
    );
  }
  if (options.isStreamed) streamBodies(server, options.isStreamed);
}

// parsers are chosen by type for the whole server: a streamed request gets a type of its own
function streamBodies(server: FastifyInstance, isStreamed: (method: string, path: string) => boolean): void {
  server.addContentTypeParser(streamedType, (_request, payload, done) => done(null, payload));
  server.addHook('onRequest', (request, _reply, done) => {
    const { headers } = request.raw;
    delete headers[sentTypeHeader];
    if (isStreamed(request.method, request.url.split('?', 1)[0]!)) {
      if (headers['content-type'] !== undefined) headers[sentTypeHeader] = headers['content-type'];
      headers['content-type'] = streamedType;
    }
    done();
  });
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
