import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Exchange, RequestTelemetry } from './request-telemetry.js';

const quiet = new Set(['/health/live', '/health/ready']);

/** Times every request and enters its trace, from the first hook to the last byte of the answer. */
export function traceRequests(server: FastifyInstance, telemetry: RequestTelemetry): void {
  const traced = new WeakMap<FastifyRequest, Exchange>();

  server.addHook('onRequest', (request, _reply, done) => {
    const route = request.routeOptions.url;
    if (route !== undefined && quiet.has(route)) return done();
    const exchange = telemetry.begin(request.method, route ?? 'unknown', request.url, request.headers);
    traced.set(request, exchange);
    telemetry.within(exchange, done);
  });
  // body parsing hops over the socket's own async context, so the context is entered again behind it
  server.addHook('preValidation', (request, _reply, done) => {
    const exchange = traced.get(request);
    if (exchange) telemetry.within(exchange, done);
    else done();
  });
  server.addHook('onResponse', (request, reply, done) => {
    const exchange = traced.get(request);
    if (exchange) telemetry.end(exchange, reply.statusCode);
    done();
  });
}
