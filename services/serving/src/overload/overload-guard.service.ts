import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { CONFIG, Metrics } from '@bascule/platform';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Config } from '../config.js';
import { overloaded, queueFull, tooManyBodies } from '../errors.js';
import { BodyWatch } from './body-watch.service.js';
import type { ComingBody, Message } from './coming-bodies.js';
import { FixedRefusal } from './fixed-refusal.js';
import { guardedModel } from './guarded-path.js';
import { announcedBytes, InFlight } from './in-flight.js';
import { ModelRoom } from './model-room.service.js';
import { Pressure } from './pressure.js';
import { TurnedAway } from './turned-away.service.js';

type Handle = (request: IncomingMessage, response: ServerResponse) => void;

/** Taken in whatever the speed of answers. */
const leastInFlight = 64;
const lagCheckMs = 50;

const gatewayFull = new FixedRefusal(overloaded({}, `${overloaded.definition.title}.`));
const shareTaken = new FixedRefusal(tooManyBodies({}, `${tooManyBodies.definition.title}.`));
const maxRetryAfterSeconds = 60;
const modelFull = Array.from(
  { length: maxRetryAfterSeconds },
  (_, at) => new FixedRefusal(queueFull({ retryAfterSeconds: at + 1 }, `${queueFull.definition.title}.`)),
);

/**
 * Turns requests away before their body is read, when too much is in flight already or more comes than is answered:
 * memory stays bounded whatever comes, and refusing costs a small part of what answering costs. Bodies that are still on
 * their way have a share for each sender, so that half-sent ones keep nobody else out.
 */
@Injectable()
export class OverloadGuard implements OnApplicationShutdown {
  private readonly inFlight: InFlight;
  private readonly pressure: Pressure;
  private readonly timer: NodeJS.Timeout;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly models: ModelRoom,
    private readonly bodies: BodyWatch,
    private readonly turnedAway: TurnedAway,
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
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** Stands in front of everything that listens to the server already. */
  install(server: Server): void {
    const others = server.listeners('request') as Handle[];
    server.removeAllListeners('request');
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      const modelName = guardedModel(request.method, request.url);
      if (modelName !== undefined) {
        const bytes = announcedBytes(request.headers, this.config.BODY_MAX_BYTES);
        const refusal = this.refusalOf(modelName, bytes, request.headers.authorization);
        if (refusal) return this.refuse(refusal, request, response);
        if (!this.letIn(request, response, bytes)) return this.refuse(this.shareRefusal(), request, response);
      }
      for (const other of others) other.call(server, request, response);
    });
  }

  /** Answers a request whose body may not have come; what comes of it is thrown away. */
  refuse(refusal: FixedRefusal, request: IncomingMessage, response: ServerResponse): void {
    refusal.send(request, response);
    this.bodies.answered(request);
  }

  /** For who reads small bodies without this guard in front: may one more be read? */
  mayRead(bytes: number): boolean {
    return this.pressure.hasRoom(this.inFlight.requests) && this.inFlight.hasRoom(bytes);
  }

  /**
   * For the same: the answer to a request that is to be turned away before its body is parsed; undefined when it may come in.
   * @param body in JSON, where it is there already
   */
  refusalOf(modelName: string, bytes: number, authorization: string | undefined, body?: Buffer): FixedRefusal | undefined {
    const found = this.modelRefusal(modelName, body) ?? (this.mayRead(bytes) ? undefined : gatewayFull);
    if (found) this.turnedAway.http(modelName, authorization);
    return found;
  }

  /** The answer to a sender that has its share of bodies on the way. */
  shareRefusal(): FixedRefusal {
    this.turnedAway.share('http');
    return shareTaken;
  }

  /**
   * A body that has begun to come is in flight as well; `cease` when it has come completely or will not.
   * @param message absent for who ends slow ones itself
   * @returns undefined when its sender has its share on the way already
   */
  expect(sender: string, bytes: number, message?: IncomingMessage): ComingBody | undefined {
    const body = this.bodies.begin(sender, bytes, message, { places: this.inFlight });
    if (body) this.inFlight.add(bytes);
    return body;
  }

  cease(body: ComingBody): void {
    this.bodies.end(body);
    this.inFlight.leave(body.bytes);
  }

  /** The same for a body that does not come over a connection of its own; `cutOff` ends it when it comes too slowly. */
  expectStream(sender: string, bytes: number, message: Message, cutOff: () => void): ComingBody | undefined {
    const body = this.bodies.beginStream(sender, bytes, this.inFlight, message, cutOff);
    if (body) this.inFlight.add(bytes);
    return body;
  }

  /** A request whose body has been read; `end` it with its answer. */
  begin(bytes: number): void {
    this.inFlight.add(bytes);
  }

  /** `startedAt` is when the request came; `wasServed` is false for one that was refused after all. */
  end(bytes: number, startedAt: number, wasServed: boolean): void {
    this.inFlight.leave(bytes);
    if (wasServed) this.noteServed(startedAt);
  }

  /** For who knows better than the status of HTTP what was served, as with gRPC; `startedAt` is when the work began. */
  noteServed(startedAt: number): void {
    const now = performance.now();
    this.pressure.served(now - startedAt, now);
  }

  private modelRefusal(modelName: string, body: Buffer | undefined): FixedRefusal | undefined {
    if (this.models.hasRoom(modelName, this.pressure.delayMs, body)) return undefined;
    const seconds = Math.ceil(this.models.waitMs(modelName) / 1000);
    return modelFull[Math.min(maxRetryAfterSeconds, Math.max(1, seconds)) - 1];
  }

  private letIn(request: IncomingMessage, response: ServerResponse, bytes: number): boolean {
    const body = this.expect(this.bodies.senderOf(request), bytes, request);
    if (!body) return false;
    const startedAt = performance.now();
    // comes once, when the answer is out or the connection is gone
    response.once('close', () => {
      this.cease(body);
      if (response.statusCode < 300) this.noteServed(startedAt);
    });
    return true;
  }
}
