import { AccessDirectory, type Credential, requireRoles } from '@bascule/access';
import { CONFIG, invalidRequest, Logger } from '@bascule/platform';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../config.js';
import { inferenceRoles, traceparentOf } from '../inference/caller.js';
import { installInferenceBodies } from '../inference/inference-bodies.js';
import { refusalReply } from '../inference/inference-refusal.js';
import { RecordsService } from './records.service.js';
import { withRecords } from './records-document.js';
import { recordsRequest } from './records-request.js';

/** Predictions for records by feature name: what a client system has. Bodies are read as those of the protocol, so that integers stay exact. */
@Injectable()
export class RecordsController implements OnModuleInit {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly host: HttpAdapterHost,
    private readonly access: AccessDirectory,
    private readonly records: RecordsService,
    private readonly log: Logger,
  ) {}

  onModuleInit(): void {
    const server = this.host.httpAdapter.getInstance<FastifyInstance>();
    server.addHook('preSerialization', (request, _reply, payload, done) => {
      done(null, request.routeOptions.url === '/openapi.json' ? withRecords(payload as object) : payload);
    });
    // not awaited: that would settle the routes of Nest before it has set its error handler
    void server.register(async (scope) => this.addRoutes(scope), { prefix: '/v1/models' });
  }

  private addRoutes(scope: FastifyInstance): void {
    installInferenceBodies(scope, this.config);
    scope.setErrorHandler((error, request, reply) => this.refuse(error, request, reply));
    scope.post<{ Params: { model: string } }>(
      '/:model/predict',
      // who asks is settled before their body is read
      { onRequest: requireRoles(this.access, inferenceRoles) },
      async (request, reply) => this.predict(request, reply),
    );
  }

  private async predict(request: FastifyRequest<{ Params: { model: string } }>, reply: FastifyReply): Promise<FastifyReply> {
    const parsed = recordsRequest.safeParse(request.body);
    if (!parsed.success) {
      const errors = parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
      throw invalidRequest({ errors }, errors[0] ? `${errors[0].path || 'the body'}: ${errors[0].message}` : undefined);
    }
    const { answer, isReplay } = await this.records.predict({
      modelName: request.params.model,
      pin: headerOf(request, 'x-bascule-model-version'),
      // the hook of the route has set it
      credential: request.credential as Credential,
      requestId: request.id,
      traceparent: traceparentOf(request.headers['traceparent']),
      idempotencyKey: headerOf(request, 'idempotency-key'),
      deadlineAt: performance.now() + Math.min(parsed.data.timeoutMs ?? Number.POSITIVE_INFINITY, this.config.REQUEST_DEADLINE_MS),
      isAbandoned: () => request.raw.socket.destroyed,
      wantsReceipt: headerOf(request, 'x-bascule-receipt') === '1',
      request: parsed.data,
    });
    const versions = new Set(answer.predictions.map(({ version }) => version).filter((version) => version !== undefined));
    if (isReplay) void reply.header('idempotency-replayed', 'true');
    return reply.header('x-bascule-model-version', [...versions].sort((a, b) => a - b).join(', ')).send(answer);
  }

  private refuse(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const { status, headers, body } = refusalReply(error, request.id);
    if (status === 500) this.log.error({ err: error, requestId: request.id }, 'records not answered');
    void reply.status(status).headers(headers).send(body);
  }
}

function headerOf(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
}
