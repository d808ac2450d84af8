import { AccessDirectory, type Credential, matchesAny, requireModel, requireRoles } from '@bascule/access';
import { CONFIG, HealthRegistry, Logger, routeNotFound } from '@bascule/platform';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../config.js';
import { invalidInference } from '../errors.js';
import { ExpressConnections } from '../express/express-connections.service.js';
import { ExpressRequests } from '../express/express-requests.service.js';
import { OverloadGuard } from '../overload/overload-guard.service.js';
import { RoutingService } from '../routing/routing.service.js';
import { BinaryBody } from './binary-body.js';
import { inferenceRoles } from './caller.js';
import { ConnectionDrain } from './connection-drain.service.js';
import { InferenceService } from './inference.service.js';
import { installInferenceBodies } from './inference-bodies.js';
import { refusalError } from './inference-limits.js';
import { isProblem, refusalReply, withError } from './inference-refusal.js';
import { inferenceReply } from './inference-reply.js';
import { parseInference } from './inference-request.js';
import { modelMetadata, repositoryIndex, serverMetadata } from './open-inference.js';
import { withOpenInference } from './open-inference-document.js';
import { restCall } from './rest-call.js';

interface ModelPath {
  readonly model: string;
  readonly version?: string;
}

const isProtocolUrl = /^\/v2(?=[/?]|$)/;

/** The Open Inference Protocol v2 over REST, as plain Fastify routes: the hot path has no guard, pipe or interceptor to pass. */
@Injectable()
export class OpenInferenceController implements OnModuleInit {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly host: HttpAdapterHost,
    private readonly access: AccessDirectory,
    private readonly health: HealthRegistry,
    private readonly inference: InferenceService,
    private readonly routing: RoutingService,
    private readonly drain: ConnectionDrain,
    private readonly requests: ExpressRequests,
    private readonly connections: ExpressConnections,
    private readonly overload: OverloadGuard,
    private readonly log: Logger,
  ) {}

  onModuleInit(): void {
    const server = this.host.httpAdapter.getInstance<FastifyInstance>();
    this.drain.install(server);
    this.overload.install(server.server);
    // in front of the guard, which it asks itself
    this.requests.install(server.server, () => this.drain.isDraining);
    this.connections.install(server.server, () => this.drain.isDraining);
    this.drain.watch(server.server);
    this.drain.onDrained(() => this.connections.endIdle());
    server.addHook('preSerialization', (request, _reply, payload, done) => {
      if (request.routeOptions.url === '/openapi.json') done(null, withOpenInference(payload as object));
      // refused before a route of the protocol was found
      else done(null, isProtocolUrl.test(request.url) && isProblem(payload) ? withError(payload) : payload);
    });
    // not awaited: that would settle the routes of Nest before it has set its error handler
    void server.register(async (scope) => this.addRoutes(scope), { prefix: '/v2' });
  }

  private addRoutes(scope: FastifyInstance): void {
    installInferenceBodies(scope, this.config);
    scope.setNotFoundHandler((request) => {
      throw routeNotFound({}, `There is no ${request.method} ${request.url.split('?')[0]}.`);
    });
    scope.setErrorHandler((error, request, reply) => this.refuse(error, request, reply));
    scope.get('/', async () => serverMetadata());
    scope.get('/health/live', async () => ({ live: true }));
    scope.get('/health/ready', async (_request, reply) => {
      const isReady = (await this.health.readiness()).status === 'ready';
      return reply.status(isReady ? 200 : 503).send({ live: true, ready: isReady });
    });
    // who asks is settled before their body is read
    const onRequest = requireRoles(this.access, inferenceRoles);
    scope.post<{ Body: { ready?: unknown } | undefined }>('/repository/index', { onRequest }, async (request) => {
      const { models } = credentialOf(request);
      const ready = request.body?.ready;
      if (ready !== undefined && typeof ready !== 'boolean') throw invalidInference({}, 'ready must be true or false');
      return repositoryIndex(this.routing, { isVisible: (name) => matchesAny(models, name), onlyReady: ready === true });
    });
    for (const path of ['/models/:model', '/models/:model/versions/:version']) this.addModelRoutes(scope, path);
  }

  private addModelRoutes(scope: FastifyInstance, path: string): void {
    const onRequest = requireRoles(this.access, inferenceRoles);
    scope.get<{ Params: ModelPath }>(path, { onRequest }, async (request) => {
      const { model, version } = allowed(request);
      const { route, loaded } = this.inference.find(model, version);
      return modelMetadata(route.entry, loaded.routed, loaded);
    });
    scope.get<{ Params: ModelPath }>(`${path}/ready`, { onRequest }, async (request) => {
      const { model, version } = allowed(request);
      this.inference.find(model, version);
      return { name: model, ready: true };
    });
    scope.post<{ Params: ModelPath }>(`${path}/infer`, { onRequest }, async (request, reply) => {
      const parsed = parseInference(request.body);
      if (!parsed.ok) throw refusalError(parsed);
      const { model, version } = request.params;
      const caller = { modelName: model, version, credential: credentialOf(request), requestId: request.id };
      const answer = await this.inference.infer(restCall(caller, request.raw, parsed.value));
      if (answer.isReplay) void reply.header('idempotency-replayed', 'true');
      void reply.header('x-bascule-model-version', answer.modelVersion);
      const form = {
        binary: parsed.value.binaryOutputs,
        gzipMinBytes: this.config.GZIP_MIN_BYTES,
        acceptEncoding: request.headers['accept-encoding'] as string | undefined,
      };
      const { headers, body } = await inferenceReply(answer, form);
      // the reply holds copies of the outputs, whatever they were views of
      if (answer.areInputsFree && request.body instanceof BinaryBody) request.body.release();
      return reply.headers(headers).send(body);
    });
  }

  private refuse(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const { status, headers, body } = refusalReply(error, request.id);
    if (status === 500) this.log.error({ err: error, requestId: request.id }, 'inference failed');
    void reply.status(status).headers(headers).send(body);
  }
}

function credentialOf({ credential }: FastifyRequest): Credential {
  // the hook of the route has set it
  return credential as Credential;
}

function allowed(request: FastifyRequest<{ Params: ModelPath }>): ModelPath {
  requireModel(credentialOf(request as FastifyRequest), request.params.model);
  return request.params;
}
