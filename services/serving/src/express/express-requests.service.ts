import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Credential } from '@bascule/access';
import { Injectable } from '@nestjs/common';
import { OverloadGuard } from '../overload/overload-guard.service.js';
import { ExpressLane, idOf, type Reply, type Ticket } from './express-lane.service.js';
import { headerNumber } from './plain-headers.js';
import { maxPlainBodyBytes } from './plain-request.js';

const inferPath = /^\/v2\/models\/([A-Za-z0-9._-]{1,200})\/infer$/;

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

/** Where plain inferences leave the way of the web framework: on connections that the web server reads. */
@Injectable()
export class ExpressRequests {
  constructor(
    private readonly lane: ExpressLane,
    private readonly overload: OverloadGuard,
  ) {}

  /** Puts the lane in front of what listens already. */
  install(server: Server, isClosed: () => boolean): void {
    const others = server.listeners('request') as Listener[];
    server.removeAllListeners('request');
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      if (isClosed() || !this.take(request, response)) for (const other of others) other.call(server, request, response);
    });
  }

  private take(request: IncomingMessage, response: ServerResponse): boolean {
    if (request.method !== 'POST' || this.lane.isShuttingDown) return false;
    const modelName = inferPath.exec(request.url ?? '')?.[1];
    if (modelName === undefined) return false;
    const { headers } = request;
    const bytes = plainBytes(request);
    if (bytes === 0) return false;
    const refusal = this.overload.refusalOf(modelName, bytes, headers.authorization);
    if (refusal) {
      this.overload.refuse(refusal, request, response);
      return true;
    }
    const credential = this.lane.admit(headers.authorization);
    if (!credential || credential instanceof Promise) return false;
    const ticket: Ticket = {
      modelName,
      requestId: headers['x-request-id'] as string | undefined,
      acceptEncoding: headers['accept-encoding'] as string | undefined,
      traceparent: headers['traceparent'] as string | undefined,
      tracestate: headers['tracestate'] as string | undefined,
      baggage: headers['baggage'] as string | undefined,
    };
    this.answer(ticket, credential, bytes, request, response);
    return true;
  }

  private answer(ticket: Ticket, credential: Credential, bytes: number, request: IncomingMessage, response: ServerResponse): void {
    const coming = this.overload.expect(credential.keyId, bytes, request);
    if (!coming) {
      this.overload.refuse(this.overload.shareRefusal(), request, response);
      return;
    }
    const startedAt = performance.now();
    const exchange = this.lane.begin(ticket);
    const isAbandoned = () => request.socket.destroyed;
    let body: Buffer | undefined;
    let isComing = true;
    const cease = () => {
      isComing = false;
      this.overload.cease(coming);
    };
    request.on('data', (chunk: Buffer) => {
      body = body ? Buffer.concat([body, chunk]) : chunk;
    });
    request.on('close', () => {
      if (!isComing) return;
      cease();
      this.lane.breakOff(exchange, startedAt);
    });
    request.on('end', () => {
      cease();
      const reply = replyTo(response);
      const passenger = { ticket, credential, requestId: idOf(ticket), bytes, startedAt, exchange, isAbandoned, reply };
      this.lane.answer(passenger, body ?? Buffer.alloc(0));
    });
  }
}

function replyTo(response: ServerResponse): Reply {
  return ({ status, requestId, headers, body, bodyBytes, modelVersion }) => {
    const all: string[] = ['x-request-id', requestId, 'x-content-type-options', 'nosniff', 'content-length', String(bodyBytes)];
    for (const name in headers) all.push(name, headers[name] as string);
    if (modelVersion !== undefined) all.push('x-bascule-model-version', modelVersion);
    response.writeHead(status, all);
    // one byte per character: nothing has to be encoded
    if (typeof body === 'string' && bodyBytes === body.length) response.end(body, 'latin1');
    else response.end(body);
  };
}

/** Bytes of the body of a request that is plain; 0 for any other. */
function plainBytes({ headers, rawHeaders }: IncomingMessage): number {
  const type = headers['content-type'];
  if (type !== undefined && type !== 'application/json') return 0;
  const length = Number(headers['content-length']);
  if (!(length > 0 && length <= maxPlainBodyBytes)) return 0;
  for (let at = 0; at < rawHeaders.length; at += 2) if (headerNumber(rawHeaders[at] as string) === undefined) return 0;
  return length;
}
