import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Credential } from '@bascule/access';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { ComingBody } from '../overload/coming-bodies.js';
import type { FixedRefusal } from '../overload/fixed-refusal.js';
import { OverloadGuard } from '../overload/overload-guard.service.js';
import { ExpressConnection, type ExpressStation } from './express-connection.runtime.js';
import { ExpressLane, idOf, type Reply } from './express-lane.service.js';
import type { PlainRequest } from './plain-request.js';
import { ReplyHeads } from './reply-head.js';

const checkMs = 1_000;

/** Where plain inferences leave the way of the web server: new connections, until they bring something else. */
@Injectable()
export class ExpressConnections implements ExpressStation, OnApplicationShutdown {
  private readonly connections = new Map<ExpressConnection, Reply>();
  private server: Server | undefined;
  private listeners: ((socket: Socket) => void)[] = [];
  private isDraining: () => boolean = () => false;
  private hasEnded = false;
  private second = 0;
  private date = '';
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly lane: ExpressLane,
    private readonly overload: OverloadGuard,
  ) {}

  /** Reads new connections before the web server does. */
  install(server: Server, isDraining: () => boolean): void {
    this.server = server;
    this.isDraining = isDraining;
    this.listeners = server.listeners('connection') as ((socket: Socket) => void)[];
    server.removeAllListeners('connection');
    server.on('connection', (socket: Socket) => {
      const connection = new ExpressConnection(socket, this);
      this.connections.set(connection, this.replyOn(connection));
    });
    this.timer = setInterval(() => this.check(), checkMs).unref();
  }

  /** Ends the connections on which nothing is being answered, what comes in pieces included; the others end with their answer. */
  endIdle(): void {
    this.hasEnded = true;
    for (const connection of this.connections.keys()) if (connection.isIdle) connection.destroy();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  isClosed(): boolean {
    return this.lane.isShuttingDown || this.isDraining();
  }

  expect({ authorization, bodyAt, endAt }: PlainRequest): ComingBody | undefined {
    const bytes = endAt - bodyAt;
    if (!this.overload.mayRead(bytes)) return undefined;
    const credential = this.lane.admit(authorization);
    // a token that must be looked up first: the web server waits for its body meanwhile
    if (!credential || credential instanceof Promise) return undefined;
    return this.overload.expect(credential.keyId, bytes);
  }

  cease(body: ComingBody): void {
    this.overload.cease(body);
  }

  take(request: PlainRequest, body: Buffer, connection: ExpressConnection): boolean | Promise<boolean> {
    const refusal = this.overload.refusalOf(request.modelName, body.length, request.authorization, body);
    if (refusal) return this.refuse(request, connection, refusal);
    const credential = this.lane.admit(request.authorization);
    if (credential instanceof Promise) return credential.then((found) => this.begin(request, body, connection, found));
    return this.begin(request, body, connection, credential);
  }

  handOver(socket: Socket): void {
    for (const listener of this.listeners) listener.call(this.server, socket);
  }

  forget(connection: ExpressConnection): void {
    this.connections.delete(connection);
  }

  private begin(request: PlainRequest, body: Buffer, connection: ExpressConnection, credential: Credential | undefined): boolean {
    const reply = this.connections.get(connection);
    if (!credential || !reply) return false;
    const { isAbandoned } = connection;
    const passenger = {
      ticket: request,
      credential,
      requestId: idOf(request),
      bytes: body.length,
      startedAt: performance.now(),
      exchange: this.lane.begin(request),
      isAbandoned,
      reply,
    };
    this.lane.answer(passenger, body);
    return true;
  }

  private refuse(request: PlainRequest, connection: ExpressConnection, { status, headers, bodyFor }: FixedRefusal): true {
    const requestId = idOf(request);
    const body = bodyFor(requestId);
    this.connections.get(connection)?.({ status, requestId, headers, body, bodyBytes: body.length, modelVersion: undefined });
    return true;
  }

  private replyOn(connection: ExpressConnection): Reply {
    const heads = new ReplyHeads();
    return ({ status, requestId, headers, body, bodyBytes, modelVersion }) => {
      const keepAliveMs = this.server?.keepAliveTimeout ?? 0;
      const keepAliveSeconds = this.hasEnded ? 0 : Math.floor(keepAliveMs / 1000);
      const head = heads.next({ status, headers, modelVersion, date: this.dateNow(), keepAliveSeconds }, requestId, bodyBytes);
      const isLatin = bodyBytes === body.length;
      connection.reply(head, body, isLatin, keepAliveSeconds === 0);
    };
  }

  private check(): void {
    const now = performance.now();
    for (const connection of this.connections.keys()) connection.check(now, this.server?.keepAliveTimeout ?? 0);
  }

  /** The time as the header `Date` has it; made once a second. */
  private dateNow(): string {
    const second = Math.trunc(Date.now() / 1000);
    if (second !== this.second) {
      this.second = second;
      this.date = new Date(second * 1000).toUTCString();
    }
    return this.date;
  }
}
