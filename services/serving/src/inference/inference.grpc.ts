import { createServer, type Http2Server, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { AccessDirectory, bearerOf, type Credential, requireModel, roleRequired } from '@bascule/access';
import { BasculeError, CONFIG, type ErrorKind, HealthRegistry, Logger, requestIdOf, retryAfterSecondsOf } from '@bascule/platform';
import { inference } from '@bascule/proto';
import { Code, ConnectError, type ConnectRouter, type HandlerContext } from '@connectrpc/connect';
import { connectNodeAdapter } from '@connectrpc/connect-node';
import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { Config } from '../config.js';
import { hasRole, inferenceRoles, traceparentOf } from './caller.js';
import { answerToGrpc, requestFromGrpc } from './grpc-tensor.js';
import { InferenceService } from './inference.service.js';
import { refusalError } from './inference-limits.js';
import { modelMetadata, platformName, serverMetadata } from './open-inference.js';

const codes: Record<ErrorKind, Code> = {
  invalid: Code.InvalidArgument,
  unauthenticated: Code.Unauthenticated,
  forbidden: Code.PermissionDenied,
  not_found: Code.NotFound,
  conflict: Code.FailedPrecondition,
  too_large: Code.ResourceExhausted,
  unprocessable: Code.InvalidArgument,
  throttled: Code.ResourceExhausted,
  unavailable: Code.Unavailable,
  deadline: Code.DeadlineExceeded,
};

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
    private readonly log: Logger,
  ) {}

  get port(): number {
    return (this.server?.address() as AddressInfo | null)?.port ?? 0;
  }

  async onApplicationBootstrap(): Promise<void> {
    const handler = connectNodeAdapter({
      routes: (router) => this.addRoutes(router),
      grpcWeb: false,
      connect: false,
      readMaxBytes: this.config.BODY_MAX_BYTES,
    });
    const server = createServer({}, handler);
    server.on('session', (session) => {
      this.sessions.add(session);
      session.once('close', () => this.sessions.delete(session));
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.config.GRPC_PORT, this.config.HOST, resolve);
    });
    this.server = server;
    this.log.info({ grpcUrl: `http://${this.config.HOST}:${this.port}` }, 'listening for gRPC');
  }

  async beforeApplicationShutdown(): Promise<void> {
    const server = this.server;
    if (!server) return;
    const closed = new Promise((resolve) => server.close(resolve));
    // GOAWAY: running calls end, new ones go elsewhere
    for (const session of this.sessions) session.close();
    await closed;
  }

  private addRoutes(router: ConnectRouter): void {
    router.service(inference.GRPCInferenceService, {
      serverLive: () => ({ live: true }),
      serverReady: async () => ({ ready: (await this.health.readiness()).status === 'ready' }),
      serverMetadata: () => serverMetadata(),
      modelReady: ({ name, version }, context) =>
        this.answering(async () => {
          requireModel(await this.authenticate(context), name);
          this.service.find(name, version || undefined);
          return { ready: true };
        }),
      modelMetadata: ({ name, version }, context) =>
        this.answering(async () => {
          requireModel(await this.authenticate(context), name);
          const { route, loaded } = this.service.find(name, version || undefined);
          const { parameters, ...metadata } = modelMetadata(route.entry, loaded.routed, {
            platform: platformName,
            leftOut: loaded.leftOut,
          });
          const wide = (tensors: typeof metadata.inputs) => tensors.map((tensor) => ({ ...tensor, shape: tensor.shape.map(BigInt) }));
          return { ...metadata, inputs: wide(metadata.inputs), outputs: wide(metadata.outputs), properties: parameters };
        }),
      modelInfer: (message, context) =>
        this.answering(async () => {
          const credential = await this.authenticate(context);
          const parsed = requestFromGrpc(message);
          if (!parsed.ok) throw refusalError(parsed);
          const header = (name: string) => context.requestHeader.get(name) ?? undefined;
          const answer = await this.service.infer({
            modelName: message.modelName,
            version: message.modelVersion || undefined,
            pin: header('x-bascule-model-version'),
            credential,
            requestId: requestIdOf(header('x-request-id')),
            traceparent: traceparentOf(header('traceparent')),
            idempotencyKey: header('idempotency-key'),
            request: parsed.value,
          });
          if (answer.isReplay) context.responseHeader.set('idempotency-replayed', 'true');
          return answerToGrpc(answer, message.rawInputContents.length > 0);
        }),
    });
  }

  private async authenticate(context: HandlerContext): Promise<Credential> {
    const credential = await this.access.authenticate(bearerOf(context.requestHeader.get('authorization') ?? undefined));
    if (!hasRole(credential, inferenceRoles)) throw roleRequired({ roles: inferenceRoles.join(' or ') });
    return credential;
  }

  private async answering<T>(work: () => T | Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof BasculeError) {
        const retryAfter = retryAfterSecondsOf(error, error.status);
        const metadata = retryAfter === undefined ? undefined : { 'retry-after': String(retryAfter) };
        throw new ConnectError(`${error.detail} (${error.code})`, codes[error.kind], metadata);
      }
      this.log.error({ err: error }, 'gRPC call failed');
      throw new ConnectError('something went wrong on our side (platform.unexpected)', Code.Internal);
    }
  }
}
