import type { IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from 'node:http';
import { AccessDirectory, bearerOf, type Credential } from '@bascule/access';
import { CONFIG, type Exchange, HealthRegistry, Logger, RequestTelemetry, requestIdOf } from '@bascule/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../config.js';
import { OverloadGuard } from '../overload/overload-guard.service.js';
import { hasRole, inferenceRoles } from './caller.js';
import { InferenceService } from './inference.service.js';
import { readBody } from './inference-bodies.js';
import { refusalError } from './inference-limits.js';
import { refusalReply } from './inference-refusal.js';
import { inferenceReply } from './inference-reply.js';
import { parseInference } from './inference-request.js';
import { type RestCaller, restCall } from './rest-call.js';

/** Headers that change nothing about an inference or that are understood here; with any other the request takes the usual way. */
const plainHeaders = new Set(
  `accept accept-charset accept-encoding accept-language authorization baggage cache-control connection content-length content-type
  cookie dnt forwarded from host keep-alive origin pragma priority referer sec-fetch-dest sec-fetch-mode sec-fetch-site traceparent
  tracestate user-agent via x-amzn-trace-id x-envoy-attempt-count x-envoy-expected-rq-timeout-ms x-forwarded-for x-forwarded-host
  x-forwarded-port x-forwarded-proto x-real-ip x-request-id`.split(/\s+/),
);
const inferPath = /^\/v2\/models\/([A-Za-z0-9._-]{1,200})\/infer$/;
const route = '/v2/models/:model/infer';
/** Larger bodies gain nothing from haste. */
const maxBytes = 64 * 1024;

interface Passenger {
  readonly caller: RestCaller;
  /** Of the body. */
  readonly bytes: number;
  readonly startedAt: number;
  readonly exchange: Exchange | undefined;
}

/**
 * The way past Fastify for the plain inference: JSON, a key that may enter, nothing but usual headers. What every
 * request of the web framework passes costs as much as the inference itself. Whatever is not plain is left to Fastify
 * untouched, so that each rule has one home; what is plain runs through the same functions as there.
 */
@Injectable()
export class ExpressLane {
  private readonly recordAnswer: (startedAt: number) => void;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly access: AccessDirectory,
    private readonly health: HealthRegistry,
    private readonly inference: InferenceService,
    private readonly overload: OverloadGuard,
    private readonly telemetry: RequestTelemetry,
    private readonly log: Logger,
  ) {
    this.recordAnswer = telemetry.recorderOf('POST', route, 200);
  }

  /** Puts the lane in front of what listens already. */
  install(server: Server, isClosed: () => boolean): void {
    const others = server.listeners('request') as ((request: IncomingMessage, response: ServerResponse) => void)[];
    server.removeAllListeners('request');
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      if (isClosed() || !this.take(request, response)) for (const other of others) other.call(server, request, response);
    });
  }

  private take(request: IncomingMessage, response: ServerResponse): boolean {
    if (request.method !== 'POST' || this.health.isShuttingDown) return false;
    const modelName = inferPath.exec(request.url ?? '')?.[1];
    if (modelName === undefined) return false;
    const { headers } = request;
    const bytes = isPlain(headers) && arePlain(request.rawHeaders) ? Number(headers['content-length']) : 0;
    // who would be turned away is left to the guard behind
    if (bytes === 0 || !this.overload.mayRead(bytes)) return false;
    const credential = this.credentialOf(headers);
    if (!credential) return false;
    const passenger: Passenger = {
      caller: { modelName, credential, requestId: requestIdOf(headers['x-request-id']) },
      bytes,
      startedAt: performance.now(),
      exchange: this.telemetry.exportsSpans ? this.telemetry.begin('POST', route, request.url ?? '', headers) : undefined,
    };
    let body: Buffer | undefined;
    request.on('data', (chunk: Buffer) => {
      body = body ? Buffer.concat([body, chunk]) : chunk;
    });
    request.on('end', () => {
      this.overload.begin(passenger.bytes);
      if (passenger.exchange) void this.telemetry.within(passenger.exchange, () => this.answer(passenger, request, body, response));
      else void this.answer(passenger, request, body, response);
    });
    return true;
  }

  /** Undefined for whom Fastify's way may refuse or look up. */
  private credentialOf({ authorization }: IncomingHttpHeaders): Credential | undefined {
    try {
      const found = this.access.authenticate(bearerOf(authorization));
      return found instanceof Promise || !hasRole(found, inferenceRoles) ? undefined : found;
    } catch {
      return undefined;
    }
  }

  private async answer(passenger: Passenger, request: IncomingMessage, bytes: Buffer | undefined, response: ServerResponse): Promise<void> {
    const { requestId } = passenger.caller;
    try {
      const body = readBody(bytes ?? Buffer.alloc(0), undefined);
      if (body instanceof Error) throw body;
      const parsed = parseInference(body);
      if (!parsed.ok) throw refusalError(parsed);
      const answer = await this.inference.infer(restCall(passenger.caller, request, parsed.value));
      const form = {
        binary: parsed.value.binaryOutputs,
        gzipMinBytes: this.config.GZIP_MIN_BYTES,
        acceptEncoding: request.headers['accept-encoding'] as string | undefined,
      };
      const made = inferenceReply(answer, form);
      const reply = made instanceof Promise ? await made : made;
      this.send(passenger, response, 200, reply.headers, reply.body, answer.modelVersion);
    } catch (error) {
      const refusal = refusalReply(error, requestId);
      if (refusal.status === 500) this.log.error({ err: error, requestId }, 'inference failed');
      this.send(passenger, response, refusal.status, refusal.headers, refusal.body);
    } finally {
      this.overload.end(passenger.bytes, passenger.startedAt);
    }
  }

  private send(
    { caller: { requestId }, startedAt, exchange }: Passenger,
    response: ServerResponse,
    status: number,
    headers: Readonly<Record<string, string>>,
    body: string | Buffer,
    modelVersion?: string,
  ): void {
    const bytes = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
    const all: string[] = ['x-request-id', requestId, 'x-content-type-options', 'nosniff', 'content-length', String(bytes)];
    for (const name in headers) all.push(name, headers[name] as string);
    if (modelVersion !== undefined) all.push('x-bascule-model-version', modelVersion);
    response.writeHead(status, all);
    // one byte per character: nothing has to be encoded
    if (typeof body === 'string' && bytes === body.length) response.end(body, 'latin1');
    else response.end(body);
    if (exchange) this.telemetry.end(exchange, status);
    else if (status === 200) this.recordAnswer(startedAt);
    else this.telemetry.record('POST', route, status, startedAt);
  }
}

function isPlain(headers: IncomingHttpHeaders): boolean {
  const type = headers['content-type'];
  if (type !== undefined && type !== 'application/json') return false;
  const length = Number(headers['content-length']);
  if (!(length > 0 && length <= maxBytes)) return false;
  return true;
}

// spellings as they come: names arrive in whatever case, a few ways each
const spellings = new Map<string, boolean>();
const maxSpellings = 1_000;

function arePlain(raw: readonly string[]): boolean {
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at] as string;
    let isKnown = spellings.get(name);
    if (isKnown === undefined) {
      isKnown = plainHeaders.has(name.toLowerCase());
      if (spellings.size < maxSpellings) spellings.set(name, isKnown);
    }
    if (!isKnown) return false;
  }
  return true;
}
