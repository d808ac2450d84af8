import { type DynamicModule, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { type AdminOptions, startAdminServer } from './admin-server.js';
import { serveApiDescription } from './api-description.js';
import { installBodyParsers } from './body-parsing.js';
import { answerClientError } from './client-error.js';
import { type PlatformConfig, readConfig } from './config.js';
import { HealthRegistry } from './health.js';
import { traceRequests } from './http-trace.js';
import { requestIdOf } from './ids.js';
import { Logger, NestLog } from './logger.js';
import { PlatformModule } from './platform.module.js';
import { ProblemFilter } from './problem.filter.js';
import { problemOf } from './problem.js';
import { checkAddresses } from './request-checks.js';
import { RequestTelemetry } from './request-telemetry.js';
import { RequestValidationPipe } from './request-validation.pipe.js';
import { inTime } from './start-deadline.js';
import { setUpTelemetry } from './telemetry.js';

/** Waiting for NATS comes before; what follows takes seconds, on a busy machine more. */
const startStepMs = 120_000;

export interface ServiceOptions<Schema extends z.ZodType<PlatformConfig>> {
  readonly service: string;
  readonly configSchema: Schema;
  readonly module: (config: z.infer<Schema>) => DynamicModule;
  /** Runs after every module is initialised and before the port opens; routes can still be added to Fastify here. */
  readonly ready?: (app: NestFastifyApplication) => Promise<void>;
  /** Content types that reach the controller as a Buffer, for example `text/csv`. */
  readonly rawBodies?: readonly string[];
  /** Says which requests hand their body to the controller as a stream, by method and path. */
  readonly isStreamed?: (method: string, path: string) => boolean;
  /** How long a request may take to arrive; default 2 minutes. */
  readonly requestTimeoutMs?: number;
  /** Largest body; default 1 MiB. */
  readonly bodyLimitBytes?: number;
  /** Largest JSON body; default the smaller of `bodyLimitBytes` and 4 MiB. */
  readonly jsonLimitBytes?: number;
}

export interface RunningService {
  readonly app: NestFastifyApplication;
  readonly url: string;
  readonly adminUrl: string;
  readonly log: Logger;
  /** Turns unready, stops accepting, lets running requests and handlers end, closes the modules. */
  close(): Promise<void>;
}

@Module({})
class RootModule {}

/** Starts a service in this process. `start` adds signals and exit codes; tests use this directly. */
export async function runService<Schema extends z.ZodType<PlatformConfig>>(
  options: ServiceOptions<Schema>,
  env: Record<string, string | undefined>,
): Promise<RunningService> {
  const config = readConfig(options.configSchema, env);
  const telemetry = await setUpTelemetry(options.service, config);
  const imports = [PlatformModule.forRoot({ service: options.service, config }), options.module(config)];
  const adapter = new FastifyAdapter({
    bodyLimit: options.bodyLimitBytes ?? 1024 * 1024,
    requestIdHeader: false,
    genReqId: (request: { headers: Record<string, unknown> }) => requestIdOf(request.headers['x-request-id']),
    forceCloseConnections: 'idle',
    requestTimeout: options.requestTimeoutMs ?? 120_000,
    keepAliveTimeout: 65_000,
    routerOptions: { maxParamLength: 500 },
    exposeHeadRoutes: false,
    frameworkErrors: answerFrameworkError,
    clientErrorHandler: answerClientError,
    http: { requireHostHeader: false },
  });
  const app = await NestFactory.create<NestFastifyApplication>({ module: RootModule, imports }, adapter, {
    bodyParser: false,
    bufferLogs: true,
    abortOnError: false,
  });
  const log = app.get(Logger);
  const health = app.get(HealthRegistry);
  app.useLogger(new NestLog(log));
  prepareHttp(app, options);
  await inTime('starting the modules', startStepMs, app.init());
  await options.ready?.(app);
  await inTime('opening the port', startStepMs, app.listen(config.PORT, config.HOST));
  const metrics: AdminOptions['metrics'] = (request, response) => telemetry.exporter.getMetricsRequestHandler(request, response);
  const admin = await inTime(
    'opening the admin port',
    startStepMs,
    startAdminServer({ host: config.HOST, port: config.ADMIN_PORT, health, metrics }),
  );
  health.markStarted();
  let closing: Promise<void> | undefined;
  const close = async () => {
    health.markShuttingDown();
    await app.close();
    await admin.close();
    await telemetry.shutdown();
  };
  const url = (await app.getUrl()).replace('[::1]', 'localhost');
  return {
    app,
    url,
    adminUrl: admin.url,
    log,
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

function prepareHttp<Schema extends z.ZodType<PlatformConfig>>(app: NestFastifyApplication, options: ServiceOptions<Schema>): void {
  const server = app.getHttpAdapter().getInstance() as unknown as FastifyInstance;
  const health = app.get(HealthRegistry);
  const bodyLimitBytes = options.bodyLimitBytes ?? 1024 * 1024;
  installBodyParsers(server, {
    rawBodies: options.rawBodies ?? [],
    ...(options.isStreamed ? { isStreamed: options.isStreamed } : {}),
    bodyLimitBytes,
    jsonLimitBytes: options.jsonLimitBytes ?? Math.min(bodyLimitBytes, 4 * 1024 * 1024),
    jsonDepthLimit: 32,
  });
  traceRequests(server, app.get(RequestTelemetry));
  checkAddresses(server);
  // to expect something unknown is no reason for an answer without a word
  server.server.on('checkExpectation', (request, response) => server.server.emit('request', request, response));
  server.addHook('onSend', (request, reply, _payload, done) => {
    void reply.header('x-request-id', request.id).header('x-content-type-options', 'nosniff');
    // a connection kept alive behind the last answer would hold up the stop until it times out
    if (health.isShuttingDown) void reply.header('connection', 'close');
    done();
  });
  server.get('/health/live', async () => ({ status: 'live' }));
  server.get('/health/ready', async (_request, reply) => {
    const readiness = await health.readiness();
    return reply.status(readiness.status === 'ready' ? 200 : 503).send(readiness);
  });
  serveApiDescription(app, options.service);
  app.useGlobalFilters(new ProblemFilter(app.get(Logger)));
  app.useGlobalPipes(new RequestValidationPipe());
}

// errors before any route is known, for example a URL that cannot be decoded, never reach Nest's filters
function answerFrameworkError(error: Error, request: FastifyRequest, reply: FastifyReply): void {
  const { status, body } = problemOf(error, `urn:bascule:request:${request.id}`);
  // some protocols read the reason from `error` only, and nobody knows yet which one this was meant for
  const answer = { ...body, error: body.detail };
  void reply
    .status(status)
    .header('x-request-id', request.id)
    .header('content-type', 'application/problem+json; charset=utf-8')
    .send(answer);
}
