import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import { CONFIG, Metrics } from '@bascule/platform';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { AvailabilityCounter } from '../availability/availability-counter.service.js';
import type { Config } from '../config.js';
import { overloaded, queueFull } from '../errors.js';
import { FixedRefusal } from './fixed-refusal.js';
import { announcedBytes, InFlight } from './in-flight.js';
import { ModelRoom } from './model-room.service.js';
import { Pressure } from './pressure.js';
import { SilentBodies } from './silent-bodies.js';

type Handle<Request, Response> = (request: Request, response: Response) => void;

const guarded = /^\/v[12]\/models\/([^/?]+)(?:\/[^?]*)?\/(?:infer|predict)(?:\?|$)/;
const grpcUnavailable = '14';
/** Taken in whatever the speed of answers. */
const leastInFlight = 64;
const lagCheckMs = 50;
const bodyCheckMs = 250;

const gatewayFull = new FixedRefusal(overloaded({}, `${overloaded.definition.title}.`));
const maxRetryAfterSeconds = 60;
const modelFull = Array.from(
  { length: maxRetryAfterSeconds },
  (_, at) => new FixedRefusal(queueFull({ retryAfterSeconds: at + 1 }, `${queueFull.definition.title}.`)),
);

/**
 * Turns requests away before their body is read, when too much is in flight already or more comes than is answered:
 * memory stays bounded whatever comes, and refusing costs a small part of what answering costs.
 */
@Injectable()
export class OverloadGuard implements OnApplicationShutdown {
  private readonly inFlight: InFlight;
  private readonly pressure: Pressure;
  private readonly bodies: SilentBodies;
  private server: Server | undefined;
  private readonly timer: NodeJS.Timeout;
  private readonly turnedAway;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly models: ModelRoom,
    private readonly availability: AvailabilityCounter,
    metrics: Metrics,
  ) {
    this.inFlight = new InFlight({ maxRequests: config.IN_FLIGHT_MAX_REQUESTS, maxBytes: config.IN_FLIGHT_MAX_BYTES });
    this.pressure = new Pressure(config.ANSWER_TARGET_MS, leastInFlight);
    this.bodies = new SilentBodies(config.REQUEST_DEADLINE_MS, (request) => this.endSlow(request));
    let checkedAt = 0;
    let expectedAt = performance.now() + lagCheckMs;
    this.timer = setInterval(() => {
      const now = performance.now();
      this.pressure.noteLag(Math.max(0, now - expectedAt), now);
      expectedAt = now + lagCheckMs;
      if (now - checkedAt < bodyCheckMs) return;
      checkedAt = now;
      this.bodies.check(now);
    }, lagCheckMs).unref();
    metrics.gauge('serving_in_flight_requests', 'Inferences being read or answered', () => this.inFlight.requests);
    metrics.gauge('serving_in_flight_bytes', 'Bytes of their bodies', () => this.inFlight.bytes);
    const turnedAway = metrics.counter('serving_overload_refusals_total', 'Requests turned away before their body was read, by protocol');
    this.turnedAway = { http: turnedAway.with({ protocol: 'http' }), grpc: turnedAway.with({ protocol: 'grpc' }) };
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** Stands in front of everything that listens to the server already. */
  install(server: Server): void {
    this.server = server;
    const others = server.listeners('request') as Handle<IncomingMessage, ServerResponse>[];
    server.removeAllListeners('request');
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      const modelName = request.method === 'POST' ? guarded.exec(request.url ?? '')?.[1] : undefined;
      if (modelName !== undefined) {
        const refusal = this.refusalOf(modelName, announcedBytes(request.headers, this.config.BODY_MAX_BYTES));
        if (refusal) return refusal.send(request, response);
        this.letIn(request, response, true);
        this.watch(request);
      }
      for (const other of others) other.call(server, request, response);
    });
  }

  /** The same for gRPC, where each call is a request. */
  guardGrpc(handle: Handle<Http2ServerRequest, Http2ServerResponse>): Handle<Http2ServerRequest, Http2ServerResponse> {
    return (request, response) => {
      if (this.mayRead(announcedBytes(request.headers, this.config.BODY_MAX_BYTES))) {
        this.letIn(request, response, false);
        return handle(request, response);
      }
      this.turnedAway.grpc.add(1);
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

  /** For the same: the answer to a request that is to be turned away before its body is looked at; undefined when it may come in. */
  refusalOf(modelName: string, bytes: number): FixedRefusal | undefined {
    const found = this.modelRefusal(modelName) ?? (this.mayRead(bytes) ? undefined : gatewayFull);
    if (!found) return undefined;
    this.turnedAway.http.add(1);
    this.availability.turnedAway(modelName);
    return found;
  }

  /** Ends a request of whose body nothing more comes within REQUEST_DEADLINE_MS. */
  watch(request: IncomingMessage): void {
    this.bodies.watch(request, performance.now());
  }

  /** A body that has begun to come is in flight as well; `cease` when it has come completely or will not. */
  expect(bytes: number): void {
    this.inFlight.add(bytes);
  }

  cease(bytes: number): void {
    this.inFlight.leave(bytes);
  }

  /** A request whose body has been read; `end` it with its answer. */
  begin(bytes: number): void {
    this.inFlight.add(bytes);
  }

  /** `startedAt` is when the request came; `wasServed` is false for one that was refused after all. */
  end(bytes: number, startedAt: number, wasServed: boolean): void {
    this.inFlight.leave(bytes);
    if (!wasServed) return;
    const now = performance.now();
    this.pressure.served(now - startedAt, now);
  }

  /** For who knows better than the status of HTTP what was served, as with gRPC; `startedAt` is when the work began. */
  noteServed(startedAt: number): void {
    const now = performance.now();
    this.pressure.served(now - startedAt, now);
  }

  private modelRefusal(modelName: string): FixedRefusal | undefined {
    if (this.models.hasRoom(modelName, this.pressure.delayMs)) return undefined;
    const seconds = Math.ceil(this.models.waitMs(modelName) / 1000);
    return modelFull[Math.min(maxRetryAfterSeconds, Math.max(1, seconds)) - 1];
  }

  private endSlow({ socket }: IncomingMessage): void {
    // as the web server says it of requests that take too long
    const error = Object.assign(new Error('request timed out'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });
    this.server?.emit('clientError', error, socket);
    socket.destroySoon();
  }

  private letIn(request: IncomingMessage | Http2ServerRequest, response: ServerResponse | Http2ServerResponse, statusTells: boolean): void {
    const bytes = announcedBytes(request.headers, this.config.BODY_MAX_BYTES);
    this.inFlight.add(bytes);
    const startedAt = performance.now();
    // comes once, when the answer is out or the connection is gone
    response.once('close', () => this.end(bytes, startedAt, statusTells && response.statusCode < 300));
  }
}
