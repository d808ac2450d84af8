import { AccessDirectory, bearerOf, type Credential, matchesAny, requireModel, roleRequired } from '@bascule/access';
import { CONFIG, HealthRegistry, Logger, malformedJson, problemOf, retryAfterSecondsOf, unsupportedMediaType } from '@bascule/platform';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../config.js';
import { invalidInference } from '../errors.js';
import { RoutingService } from '../routing/routing.service.js';
import { hasRole, inferenceRoles } from './caller.js';
import { ConnectionDrain } from './connection-drain.service.js';
import { InferenceService } from './inference.service.js';
import { parseInference } from './inference-request.js';
import { inferenceJson, modelMetadata, platformName, repositoryIndex, serverMetadata } from './open-inference.js';
import { withOpenInference } from './open-inference-document.js';
import { parseExactJson } from './tensor-json.js';

interface ModelPath {
  readonly model: string;
  readonly version?: string;
}

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
    private readonly log: Logger,
  ) {}

  onModuleInit(): void {
    const server = this.host.httpAdapter.getInstance<FastifyInstance>();
    this.drain.install(server);
    server.addHook('preSerialization', (request, _reply, payload, done) => {
      done(null, request.routeOptions.url === '/openapi.json' ? withOpenInference(payload as object) : payload);
    });
    // not awaited: that would settle the routes of Nest before it has set its error handler
    void server.register(async (scope) => this.addRoutes(scope), { prefix: '/v2' });
  }

  private addRoutes(scope: FastifyInstance): void {
    scope.removeAllContentTypeParsers();
    // the protocol knows JSON only; a client that does not name its content type means that
    scope.addContentTypeParser('*', { parseAs: 'string', bodyLimit: this.config.BODY_MAX_BYTES }, (request, body, done) => {
      if (!isJson(request.headers['content-type'])) return done(unsupportedMediaType({}, 'Send the body as application/json.'));
      try {
        done(null, body === '' ? {} : parseExactJson(body as string));
      } catch (error) {
        done(malformedJson({}, (error as Error).message));
      }
    });
    scope.setErrorHandler((error, request, reply) => this.refuse(error, request, reply));
    scope.get('/', async () => serverMetadata());
    scope.get('/health/live', async () => ({ live: true }));
    scope.get('/health/ready', async (_request, reply) => {
      const isReady = (await this.health.readiness()).status === 'ready';
      return reply.status(isReady ? 200 : 503).send({ live: true, ready: isReady });
    });
    scope.post<{ Body: { ready?: boolean } }>('/repository/index', async (request) => {
      const { models } = this.authenticate(request);
      const onlyReady = request.body?.ready === true;
      const visible = this.routing.entries().filter(({ modelName }) => matchesAny(models, modelName));
      return repositoryIndex(visible, (name, version) => this.routing.standing(name, version)).filter(
        ({ state }) => !onlyReady || state === 'READY',
      );
    });
    for (const path of ['/models/:model', '/models/:model/versions/:version']) this.addModelRoutes(scope, path);
  }

  private addModelRoutes(scope: FastifyInstance, path: string): void {
    scope.get<{ Params: ModelPath }>(path, async (request) => {
      const { model, version } = this.allowed(request);
      const { route, loaded } = this.inference.find(model, version);
      return modelMetadata(route.entry, loaded.routed, { platform: platformName, leftOut: loaded.leftOut });
    });
    scope.get<{ Params: ModelPath }>(`${path}/ready`, async (request) => {
      const { model, version } = this.allowed(request);
      this.inference.find(model, version);
      return { name: model, ready: true };
    });
    scope.post<{ Params: ModelPath }>(`${path}/infer`, async (request, reply) => {
      const credential = this.authenticate(request);
      const parsed = parseInference(request.body);
      if (!parsed.ok) throw invalidInference({}, parsed.reason);
      const { model, version } = request.params;
      const pin = request.headers['x-bascule-model-version'];
      const traceparent = request.headers['traceparent'];
      const idempotencyKey = request.headers['idempotency-key'];
      const answer = await this.inference.infer({
        modelName: model,
        version,
        pin: typeof pin === 'string' ? pin : undefined,
        credential,
        requestId: request.id,
        traceparent: typeof traceparent === 'string' ? traceparent : undefined,
        idempotencyKey: typeof idempotencyKey === 'string' ? idempotencyKey : undefined,
        request: parsed.value,
      });
      if (answer.isReplay) void reply.header('idempotency-replayed', 'true');
      return reply
        .header('content-type', 'application/json; charset=utf-8')
        .header('x-bascule-model-version', answer.modelVersion)
        .send(inferenceJson(answer));
    });
  }

  private authenticate(request: FastifyRequest): Credential {
    const credential = this.access.authenticate(bearerOf(request.headers.authorization));
    if (!hasRole(credential, inferenceRoles)) throw roleRequired({ roles: inferenceRoles.join(' or ') });
    return credential;
  }

  private allowed(request: FastifyRequest<{ Params: ModelPath }>): ModelPath {
    requireModel(this.authenticate(request), request.params.model);
    return request.params;
  }

  private refuse(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const { status, body } = problemOf(error, `urn:bascule:request:${request.id}`);
    if (status === 500) this.log.error({ err: error, requestId: request.id }, 'inference failed');
    if (status === 401) void reply.header('www-authenticate', 'Bearer');
    const retryAfter = retryAfterSecondsOf(error, status);
    if (retryAfter !== undefined) void reply.header('retry-after', String(retryAfter));
    // one body for both readers: problem details, and the protocol's own `error`
    void reply
      .status(status)
      .header('content-type', 'application/problem+json; charset=utf-8')
      .send({ ...body, error: body.detail });
  }
}

function isJson(contentType: string | undefined): boolean {
  return contentType === undefined || /^application\/([a-z0-9.+-]+\+)?json\s*(;|$)/i.test(contentType);
}
