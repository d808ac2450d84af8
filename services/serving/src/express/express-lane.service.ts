import { AccessDirectory, bearerOf, type Credential } from '@bascule/access';
import { CONFIG, type Exchange, HealthRegistry, Logger, RequestTelemetry, requestIdOf } from '@bascule/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../config.js';
import { hasRole, inferenceRoles, traceparentOf } from '../inference/caller.js';
import { InferenceService } from '../inference/inference.service.js';
import { readBody } from '../inference/inference-bodies.js';
import { refusalError } from '../inference/inference-limits.js';
import { refusalReply } from '../inference/inference-refusal.js';
import { inferenceReply } from '../inference/inference-reply.js';
import { parseInference } from '../inference/inference-request.js';
import { OverloadGuard } from '../overload/overload-guard.service.js';

/** What the head of a plain inference says, wherever it was read. */
export interface Ticket {
  readonly modelName: string;
  readonly requestId: string | undefined;
  readonly acceptEncoding: string | undefined;
  readonly traceparent: string | undefined;
  readonly tracestate: string | undefined;
  readonly baggage: string | undefined;
}

/** Answers one request. `modelVersion` is absent on a refusal. */
export type Reply = (reply: {
  readonly status: number;
  readonly requestId: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
  readonly bodyBytes: number;
  readonly modelVersion: string | undefined;
}) => void;

/** A plain inference under way. */
export interface Passenger {
  readonly ticket: Ticket;
  readonly credential: Credential;
  readonly requestId: string;
  /** Of the body. */
  readonly bytes: number;
  /** On the clock of `performance.now()`. */
  readonly startedAt: number;
  readonly exchange: Exchange | undefined;
  readonly isAbandoned: () => boolean;
  readonly reply: Reply;
}

const route = '/v2/models/:model/infer';
/** What servers write down for a client that closed its request. */
const brokenOff = 499;

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

  /** True when what comes now is for Fastify, which ends connections. */
  get isShuttingDown(): boolean {
    return this.health.isShuttingDown;
  }

  /** Who asks; undefined for whom Fastify's way may refuse. A token that is not known yet is looked up. */
  admit(authorization: string | undefined): Credential | undefined | Promise<Credential | undefined> {
    try {
      const found = this.access.authenticate(bearerOf(authorization));
      return found instanceof Promise ? found.then(allowed, () => undefined) : allowed(found);
    } catch {
      return undefined;
    }
  }

  /** Where spans are exported, the request gets one. */
  begin({ modelName, traceparent, tracestate, baggage }: Ticket): Exchange | undefined {
    if (!this.telemetry.exportsSpans) return undefined;
    return this.telemetry.begin('POST', route, `/v2/models/${modelName}/infer`, { traceparent, tracestate, baggage });
  }

  /** For a request whose body broke off: nobody hears an answer, but its span ends. */
  breakOff(exchange: Exchange | undefined, startedAt: number): void {
    if (exchange) this.telemetry.end(exchange, brokenOff);
    else this.telemetry.record('POST', route, brokenOff, startedAt);
  }

  /** Answers a request whose body has come. */
  answer(passenger: Passenger, body: Buffer): void {
    this.overload.begin(passenger.bytes);
    if (passenger.exchange) void this.telemetry.within(passenger.exchange, () => this.run(passenger, body));
    else void this.run(passenger, body);
  }

  private async run(passenger: Passenger, bytes: Buffer): Promise<void> {
    const { ticket, credential, requestId, isAbandoned } = passenger;
    let wasServed = false;
    try {
      const body = readBody(bytes, undefined, this.config.JSON_BODY_MAX_BYTES);
      if (body instanceof Error) throw body;
      const parsed = parseInference(body);
      if (!parsed.ok) throw refusalError(parsed);
      const answer = await this.inference.infer({
        modelName: ticket.modelName,
        credential,
        requestId,
        traceparent: traceparentOf(ticket.traceparent),
        isAbandoned,
        startedAt: passenger.startedAt,
        request: parsed.value,
      });
      const form = {
        binary: parsed.value.binaryOutputs,
        gzipMinBytes: this.config.GZIP_MIN_BYTES,
        acceptEncoding: ticket.acceptEncoding,
      };
      const made = inferenceReply(answer, form);
      const reply = made instanceof Promise ? await made : made;
      this.send(passenger, 200, reply, answer.modelVersion);
      wasServed = true;
    } catch (error) {
      const refusal = refusalReply(error, requestId);
      if (refusal.status === 500) this.log.error({ err: error, requestId }, 'inference failed');
      this.send(passenger, refusal.status, refusal, undefined);
    } finally {
      this.overload.end(passenger.bytes, passenger.startedAt, wasServed);
    }
  }

  private send(
    { requestId, startedAt, exchange, reply }: Passenger,
    status: number,
    { headers, body }: { readonly headers: Readonly<Record<string, string>>; readonly body: string | Buffer },
    modelVersion: string | undefined,
  ): void {
    const bodyBytes = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
    reply({ status, requestId, headers, body, bodyBytes, modelVersion });
    if (exchange) this.telemetry.end(exchange, status);
    else if (status === 200) this.recordAnswer(startedAt);
    else this.telemetry.record('POST', route, status, startedAt);
  }
}

/** The id a request goes by. */
export function idOf({ requestId }: Ticket): string {
  return requestIdOf(requestId);
}

function allowed(credential: Credential): Credential | undefined {
  return hasRole(credential, inferenceRoles) ? credential : undefined;
}
