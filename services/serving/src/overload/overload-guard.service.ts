import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import { CONFIG, type Counter, Metrics, requestIdOf } from '@bascule/platform';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Config } from '../config.js';
import { overloaded } from '../errors.js';
import { refusalReply } from '../inference/inference-refusal.js';
import { announcedBytes, InFlight } from './in-flight.js';
import { Pressure } from './pressure.js';

type Handle<Request, Response> = (request: Request, response: Response) => void;

const guarded = /\/(infer|predict)(\?|$)/;
const grpcUnavailable = '14';
/** Taken in whatever the speed of answers. */
const leastInFlight = 64;
const lagCheckMs = 50;

const anyId = '{request-id}';
const refusal = refusalReply(overloaded({}, `${overloaded.definition.title}.`), anyId);
const refusalHeaders = Object.entries({ ...refusal.headers, 'x-content-type-options': 'nosniff' }).flat();

/**
 * Turns requests away before their body is read, when too much is in flight already or more comes than is answered:
 * memory stays bounded whatever comes, and refusing costs a small part of what answering costs.
 */
@Injectable()
export class OverloadGuard implements OnApplicationShutdown {
  private readonly inFlight: InFlight;
  private readonly pressure: Pressure;
  private readonly timer: NodeJS.Timeout;
  private readonly turnedAway: Counter;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    metrics: Metrics,
  ) {
    this.inFlight = new InFlight({ maxRequests: config.IN_FLIGHT_MAX_REQUESTS, maxBytes: config.IN_FLIGHT_MAX_BYTES });
    this.pressure = new Pressure(config.ANSWER_TARGET_MS, leastInFlight);
    let expectedAt = performance.now() + lagCheckMs;
    this.timer = setInterval(() => {
      const now = performance.now();
      this.pressure.noteLag(Math.max(0, now - expectedAt), now);
      expectedAt = now + lagCheckMs;
    }, lagCheckMs).unref();
    metrics.gauge('serving_in_flight_requests', 'Inferences being read or answered', () => this.inFlight.requests);
    metrics.gauge('serving_in_flight_bytes', 'Bytes of their bodies', () => this.inFlight.bytes);
    this.turnedAway = metrics.counter('serving_overload_refusals_total', 'Requests turned away before their body was read, by protocol');
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** Stands in front of everything that listens to the server already. */
  install(server: Server): void {
    const others = server.listeners('request') as Handle<IncomingMessage, ServerResponse>[];
    server.removeAllListeners('request');
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      if (request.method === 'POST' && guarded.test(request.url ?? '') && !this.enter(request, response))
        return this.refuse(request, response);
      for (const other of others) other.call(server, request, response);
    });
  }

  /** The same for gRPC, where each call is a request. */
  guardGrpc(handle: Handle<Http2ServerRequest, Http2ServerResponse>): Handle<Http2ServerRequest, Http2ServerResponse> {
    return (request, response) => {
      if (this.enter(request, response)) return handle(request, response);
      this.turnedAway.add(1, { protocol: 'grpc' });
      const { detail } = overloaded();
      const status = { 'grpc-status': grpcUnavailable, 'grpc-message': encodeURIComponent(detail), 'retry-after': '1' };
      response.writeHead(200, { 'content-type': 'application/grpc', ...status });
      response.end();
    };
  }

  /** For who reads small bodies without this guard in front: may one more be read? */
  mayRead(bytes: number): boolean {
    return this.pressure.hasRoom(this.inFlight.requests) && this.inFlight.hasRoom(bytes);
  }

  /** A request whose body has been read; `end` it with its answer. */
  begin(bytes: number): void {
    this.inFlight.add(bytes);
  }

  /** `startedAt` is when the request came. */
  end(bytes: number, startedAt: number): void {
    const now = performance.now();
    this.inFlight.leave(bytes);
    this.pressure.answered(now - startedAt, now);
  }

  private enter(request: IncomingMessage | Http2ServerRequest, response: ServerResponse | Http2ServerResponse): boolean {
    const bytes = announcedBytes(request.headers, this.config.BODY_MAX_BYTES);
    if (!this.pressure.hasRoom(this.inFlight.requests) || !this.inFlight.enter(bytes)) return false;
    const startedAt = performance.now();
    // comes once, when the answer is out or the connection is gone
    response.once('close', () => this.end(bytes, startedAt));
    return true;
  }

  // under overload most of what comes ends here: the answer is made once, but for the id of the request
  private refuse(request: IncomingMessage, response: ServerResponse): void {
    this.turnedAway.add(1, { protocol: 'http' });
    const requestId = requestIdOf(request.headers['x-request-id']);
    const body = refusal.body.replace(anyId, requestId);
    response.writeHead(refusal.status, [...refusalHeaders, 'x-request-id', requestId, 'content-length', String(body.length)]);
    response.end(body, 'latin1');
  }
}
