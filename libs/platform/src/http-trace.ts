import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Exchange, RequestTelemetry } from './request-telemetry.js';

/** What servers write down for a client that closed its request. */
const brokenOff = 499;

const quiet = new Set(['/health/live', '/health/ready']);

/** Times every request and enters its trace, from the first hook to the last byte of the answer. */
export function traceRequests(server: FastifyInstance, telemetry: RequestTelemetry): void {
  const traced = new WeakMap<FastifyRequest, Exchange>();

  server.addHook('onRequest', (request, reply, done) => {
    const route = request.routeOptions.url;
    if (route !== undefined && quiet.has(route)) return done();
    const exchange = telemetry.begin(request.method, route ?? 'unknown', request.url, request.headers);
    traced.set(request, exchange);
    // the last thing that happens: a client that went away hears no answer, but its span ends
    reply.raw.once('close', () => {
      if (traced.delete(request)) telemetry.end(exchange, brokenOff);
    });
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
    if (exchange && traced.delete(request)) telemetry.end(exchange, reply.statusCode);
    done();
  });
}
