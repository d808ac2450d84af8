import type { IncomingMessage } from 'node:http';
import { CONFIG, Metrics } from '@bascule/platform';
import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import type { Config } from '../config.js';
import { tooManyBodies } from '../errors.js';
import type { BodyPatience } from './body-pace.js';
import { BodyShares } from './body-shares.js';
import { ComingBodies, type ComingBody, type Message, type Places } from './coming-bodies.js';
import { isGuarded } from './guarded-path.js';
import { KnownCallers } from './known-callers.service.js';

const lookMs = 50;
const totalMs = 120_000;
const uploads = /^\/v1\/models\/[^/]+\/batch-jobs\/?$/;
/** A file may be made while it is sent. */
const uploadPatience: BodyPatience = { silentMs: totalMs, totalMs: 24 * 60 * 60 * 1000 };
/** Of a file no more than this is in memory at once. */
const uploadBytes = 65_536;

/** Looks after the bodies on their way: gives each sender its share, and cuts off what does not come. */
@Injectable()
export class BodyWatch implements OnModuleInit, OnApplicationShutdown {
  private readonly coming: ComingBodies;
  private readonly patience: BodyPatience;
  private timer: NodeJS.Timeout | undefined;
  private server: FastifyInstance['server'] | undefined;

  constructor(
    @Inject(CONFIG) config: Config,
    private readonly callers: KnownCallers,
    private readonly host: HttpAdapterHost,
    metrics: Metrics,
  ) {
    const shares = new BodyShares({ maxRequests: config.IN_FLIGHT_MAX_REQUESTS, maxBytes: config.IN_FLIGHT_MAX_BYTES });
    this.coming = new ComingBodies(shares);
    metrics.gauge('serving_coming_bodies', 'Bodies of requests on their way', () => shares.requests);
    this.patience = { silentMs: config.REQUEST_DEADLINE_MS, totalMs };
  }

  onModuleInit(): void {
    const fastify = this.host.httpAdapter.getInstance<FastifyInstance>();
    this.server = fastify.server;
    // inferences are looked after where they are let in
    fastify.addHook('onRequest', ({ method, raw }, reply, done) => {
      if (!hasBody(raw) || isGuarded(method, raw.url)) return done();
      const isUpload = method === 'POST' && uploads.test((raw.url ?? '').split('?', 1)[0] ?? '');
      const announced = Number(raw.headers['content-length'] ?? 0);
      const body = this.begin(this.senderOf(raw), isUpload ? uploadBytes : announced, raw, { isUpload });
      if (!body) return done(tooManyBodies());
      reply.raw.once('close', () => this.coming.end(body));
      done();
    });
    // closed with bytes still to be read, a connection may take its answer with it; what comes is thrown away instead
    fastify.addHook('onError', ({ raw }, reply, _error, done) => {
      if (!raw.complete) void reply.removeHeader('connection');
      done();
    });
    fastify.addHook('onResponse', ({ raw }, _reply, done) => {
      this.answered(raw);
      done();
    });
    this.timer = setInterval(() => this.coming.look(performance.now()), lookMs).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  senderOf({ headers, socket }: IncomingMessage): string {
    return this.callers.senderOf(headers.authorization, socket.remoteAddress);
  }

  /**
   * A body begins to come; `end` it when it is there.
   * @param message absent for who looks after slow ones itself
   * @returns undefined when the sender has its share on the way already
   */
  begin(
    sender: string,
    bytes: number,
    message?: IncomingMessage,
    { isUpload = false, places }: { readonly isUpload?: boolean; readonly places?: Places } = {},
  ): ComingBody | undefined {
    if (!message) return this.coming.begin(sender, bytes, places);
    const patience = isUpload ? uploadPatience : this.patience;
    return this.coming.begin(sender, bytes, places, { message, patience, cutOff: () => this.cutOff(message) });
  }

  /** The same for a body that does not come over a connection of its own. */
  beginStream(sender: string, bytes: number, places: Places, message: Message, cutOff: () => void): ComingBody | undefined {
    return this.coming.begin(sender, bytes, places, { message, patience: this.patience, cutOff });
  }

  end(body: ComingBody): void {
    this.coming.end(body);
  }

  /** Keeps an eye on what is still to come of a request that was answered before its body came. */
  answered(message: IncomingMessage): void {
    if (!message.complete) this.coming.answered(message, totalMs, () => message.socket.destroy());
  }

  private cutOff({ socket }: IncomingMessage): void {
    // as the web server says it of requests that take too long
    const error = Object.assign(new Error('request timed out'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });
    this.server?.emit('clientError', error, socket);
    socket.destroySoon();
  }
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
