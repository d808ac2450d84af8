import cluster from 'node:cluster';
import { createServer, type Http2Server, type Http2ServerRequest, type Http2ServerResponse, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { AccessDirectory, bearerOf, type Credential, matchesAny, requireModel, roleRequired } from '@bascule/access';
import { BasculeError, CONFIG, HealthRegistry, Logger, RpcTelemetry, requestIdOf, routeNotFound } from '@bascule/platform';
import { grpcHealth, inference } from '@bascule/proto';
import { Code, ConnectError, type ConnectRouter, type HandlerContext } from '@connectrpc/connect';
import { connectNodeAdapter } from '@connectrpc/connect-node';
import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { Config } from '../config.js';
import { invalidInference } from '../errors.js';
import { GrpcGuard } from '../overload/grpc-guard.service.js';
import { OverloadGuard } from '../overload/overload-guard.service.js';
import { TurnedAway } from '../overload/turned-away.service.js';
import { RoutingService } from '../routing/routing.service.js';
import { hasRole, inferenceRoles, traceparentOf } from './caller.js';
import { namingFaults, refuseMethod } from './grpc-faults.js';
import { weighingMessages } from './grpc-messages.js';
import { statusOf, unexpectedStatus } from './grpc-status.js';
import { answerToGrpc, requestFromGrpc } from './grpc-tensor.js';
import { InferenceService } from './inference.service.js';
import { nameFault, refusalError } from './inference-limits.js';
import { modelMetadata, repositoryIndex, serverMetadata } from './open-inference.js';
import { endingUnread } from './unread-streams.js';

/** What probes may ask about: all of the server, or what it has besides. */
const healthNames = ['', inference.GRPCInferenceService.typeName];
const shutdownGraceMs = 7_000;
// beyond it a connection refuses further calls: large answers on their way need more than the default of ten
const sessionMegabytes = 100;

/** The same protocol over gRPC, on a port of its own (HTTP/2 without TLS). */
@Injectable()
export class InferenceGrpc implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private server: Http2Server | undefined;
  private readonly sessions = new Set<ServerHttp2Session>();

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly access: AccessDirectory,
    private readonly health: HealthRegistry,
    private readonly service: InferenceService,
    private readonly routing: RoutingService,
    private readonly overload: OverloadGuard,
    private readonly guard: GrpcGuard,
    private readonly turnedAway: TurnedAway,
    private readonly telemetry: RpcTelemetry,
    private readonly log: Logger,
  ) {}

  get port(): number {
    return (this.server?.address() as AddressInfo | null)?.port ?? 0;
  }

  async onApplicationBootstrap(): Promise<void> {
    const { BODY_MAX_BYTES, JSON_BODY_MAX_BYTES } = this.config;
    const weighing = weighingMessages(BODY_MAX_BYTES, JSON_BODY_MAX_BYTES, statusOf);
    const handler = connectNodeAdapter({
      routes: (router) => this.addRoutes(router),
      fallback: (request, response) => refuseMethod(request as Http2ServerRequest, response as Http2ServerResponse),
      grpcWeb: false,
      connect: false,
      readMaxBytes: BODY_MAX_BYTES,
      acceptCompression: weighing.acceptCompression,
      // nobody reads them, and each is an object
      binaryOptions: { readUnknownFields: false },
    });
    const server = createServer(
      { maxSessionMemory: sessionMegabytes },
      endingUnread(this.guard.guard(namingFaults(weighing.guard(handler)))),
    );
    server.on('session', (session) => {
      this.sessions.add(session);
      session.once('close', () => this.sessions.delete(session));
    });
    this.server = server;
    // one of several processes opens its ports later, when it can answer
    if (!cluster.isWorker) await this.listen();
  }

  /** Opens the port. */
  async listen(): Promise<void> {
    const { server } = this;
    if (!server) return;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.config.GRPC_PORT, this.config.HOST, resolve);
    });
    this.log.info({ grpcUrl: `http://${this.config.HOST}:${this.port}` }, 'listening for gRPC');
  }

  async beforeApplicationShutdown(): Promise<void> {
    const server = this.server;
    if (!server?.listening) return;
    const closed = new Promise((resolve) => server.close(resolve));
    // GOAWAY: running calls end, new ones go elsewhere
    for (const session of this.sessions) session.close();
    // a stream whose message never ends must not hold up the end
    const timer = setTimeout(() => {
      for (const session of this.sessions) session.destroy();
    }, shutdownGraceMs);
    await closed;
    clearTimeout(timer);
  }

  private addRoutes(router: ConnectRouter): void {
    const { SERVING, NOT_SERVING } = grpcHealth.HealthCheckResponse_ServingStatus;
    // without Watch, which its protocol leaves to the server
    router.service(grpcHealth.Health, {
      check: async ({ service }) => {
        if (!healthNames.includes(service)) throw statusOf(routeNotFound({}, 'There is no such service.'));
        return { status: (await this.health.readiness()).status === 'ready' ? SERVING : NOT_SERVING };
      },
    });
    router.service(inference.GRPCInferenceService, {
      serverLive: () => ({ live: true }),
      serverReady: async () => ({ ready: (await this.health.readiness()).status === 'ready' }),
      serverMetadata: () => serverMetadata(),
      modelReady: ({ name, version }, context) =>
        this.answering(context, async () => {
          requireModel(await this.authenticate(context), requireShort(name));
          this.service.find(name, version || undefined);
          return { ready: true };
        }),
      modelMetadata: ({ name, version }, context) =>
        this.answering(context, async () => {
          requireModel(await this.authenticate(context), requireShort(name));
          const { route, loaded } = this.service.find(name, version || undefined);
          const { parameters, ...metadata } = modelMetadata(route.entry, loaded.routed, loaded);
          const wide = (tensors: typeof metadata.inputs) => tensors.map((tensor) => ({ ...tensor, shape: tensor.shape.map(BigInt) }));
          return { ...metadata, inputs: wide(metadata.inputs), outputs: wide(metadata.outputs), properties: parameters };
        }),
      modelInfer: (message, context) =>
        this.answering(context, async (requestId) => {
          const startedAt = performance.now();
          const credential = await this.authenticate(context);
          const parsed = requestFromGrpc(message);
          if (!parsed.ok) throw refusalError(parsed);
          const header = (name: string) => context.requestHeader.get(name) ?? undefined;
          const answer = await this.service.infer({
            modelName: requireShort(message.modelName),
            version: message.modelVersion || undefined,
            pin: header('x-bascule-model-version'),
            credential,
            requestId,
            traceparent: traceparentOf(header('traceparent')),
            idempotencyKey: header('idempotency-key'),
            wantsReceipt: header('x-bascule-receipt') === '1',
            deadlineAt: deadlineOf(context),
            isAbandoned: () => context.signal.aborted,
            request: parsed.value,
          });
          this.overload.noteServed(startedAt);
          this.turnedAway.noteAsked(credential.keyId, message.modelName);
          if (answer.isReplay) context.responseHeader.set('idempotency-replayed', 'true');
          return answerToGrpc(answer, message.rawInputContents.length > 0);
        }),
      repositoryIndex: ({ repositoryName, ready }, context) =>
        this.answering(context, async () => {
          const { models } = await this.authenticate(context);
          if (repositoryName !== '') throw invalidInference({}, 'repository_name must be empty: there is one repository');
          return { models: repositoryIndex(this.routing, { isVisible: (name) => matchesAny(models, name), onlyReady: ready }) };
        }),
    });
  }

  private async authenticate(context: HandlerContext): Promise<Credential> {
    const credential = await this.access.authenticate(bearerOf(context.requestHeader.get('authorization') ?? undefined));
    if (!hasRole(credential, inferenceRoles)) throw roleRequired({ roles: inferenceRoles.join(' or ') });
    return credential;
  }

  private async answering<T>(context: HandlerContext, work: (requestId: string) => T | Promise<T>): Promise<T> {
    const requestId = requestIdOf(context.requestHeader.get('x-request-id'));
    context.responseHeader.set('x-request-id', requestId);
    const header = (name: string) => context.requestHeader.get(name) ?? undefined;
    const names = { service: context.service.typeName, method: context.method.name };
    const call = { ...names, traceparent: traceparentOf(header('traceparent')), tracestate: header('tracestate') };
    return this.telemetry.around(call, () => this.settled(requestId, work), codeOf);
  }

  private async settled<T>(requestId: string, work: (requestId: string) => T | Promise<T>): Promise<T> {
    try {
      return await work(requestId);
    } catch (error) {
      if (error instanceof BasculeError) throw statusOf(error);
      this.log.error({ err: error, requestId }, 'gRPC call failed');
      throw unexpectedStatus(error);
    }
  }
}

function deadlineOf(context: HandlerContext): number | undefined {
  const leftMs = context.timeoutMs();
  return leftMs === undefined ? undefined : performance.now() + leftMs;
}

function codeOf(error: unknown): Code {
  return error instanceof ConnectError ? error.code : Code.Unknown;
}

function requireShort(modelName: string): string {
  const fault = nameFault('the request', modelName);
  if (fault) throw refusalError(fault);
  return modelName;
}
