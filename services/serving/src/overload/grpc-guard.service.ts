import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import { type BasculeError, CONFIG, requestTimedOut } from '@bascule/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../config.js';
import { overloaded, tooManyBodies } from '../errors.js';
import { grpcMessage } from '../inference/grpc-message.js';
import type { ComingBody } from './coming-bodies.js';
import { announcedBytes } from './in-flight.js';
import { KnownCallers } from './known-callers.service.js';
import { OverloadGuard } from './overload-guard.service.js';
import { TurnedAway } from './turned-away.service.js';

type Handle = (request: Http2ServerRequest, response: Http2ServerResponse) => void;

/** Codes of gRPC: DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, UNAVAILABLE. */
const codes = { late: '4', exhausted: '8', unavailable: '14' };
const inferCall = '/inference.GRPCInferenceService/ModelInfer';

/** The overload guard in front of gRPC, where each call is a request whose model only its message names. */
@Injectable()
export class GrpcGuard {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly overload: OverloadGuard,
    private readonly callers: KnownCallers,
    private readonly turnedAway: TurnedAway,
  ) {}

  guard(handle: Handle): Handle {
    return (request, response) => {
      const { authorization } = request.headers;
      const bytes = announcedBytes(request.headers, this.config.BODY_MAX_BYTES);
      if (!this.overload.mayRead(bytes)) {
        if (request.url === inferCall) this.turnedAway.grpc(authorization);
        return answer(response, codes.unavailable, overloaded());
      }
      const sender = this.callers.senderOf(authorization, request.socket.remoteAddress);
      let body: ComingBody | undefined;
      const cease = () => {
        if (body) this.overload.cease(body);
        body = undefined;
      };
      const cutOff = () => {
        answer(response, codes.late, requestTimedOut());
        // the stream itself may stay for a while, for the client to read that
        cease();
      };
      body = this.overload.expectStream(sender, bytes, request, cutOff);
      if (!body) {
        this.turnedAway.share('grpc');
        return answer(response, codes.exhausted, tooManyBodies());
      }
      response.once('close', cease);
      handle(request, response);
    };
  }
}

function answer(response: Http2ServerResponse, code: string, error: BasculeError): void {
  if (response.headersSent || response.stream?.destroyed) return;
  const status = { 'grpc-status': code, 'grpc-message': grpcMessage(`${error.detail} (${error.code})`), 'error-code': error.code };
  response.writeHead(200, { 'content-type': 'application/grpc', ...status, ...(code === codes.late ? {} : { 'retry-after': '1' }) });
  response.end();
}
