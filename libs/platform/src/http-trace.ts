import { type Context, context, propagation, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Metrics } from './metrics.js';

interface Traced {
  readonly active: Context;
  readonly span: Span;
  readonly startedAt: number;
}

const quiet = new Set(['/health/live', '/health/ready']);
const secondsBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** One server span per request, child of the caller's `traceparent`, and the duration of every request by route. */
export function traceRequests(server: FastifyInstance, metrics: Metrics): void {
  const tracer = trace.getTracer('bascule-http');
  const traced = new WeakMap<FastifyRequest, Traced>();
  const durations = metrics.histogram('http_server_request_duration_seconds', 'Time to answer HTTP requests', secondsBuckets);

  server.addHook('onRequest', (request, _reply, done) => {
    const route = request.routeOptions.url;
    if (route !== undefined && quiet.has(route)) return done();
    const parent = propagation.extract(ROOT_CONTEXT, request.headers);
    const attributes = {
      'http.request.method': request.method,
      'url.path': request.url.split('?')[0],
      ...(route ? { 'http.route': route } : {}),
    };
    const span = tracer.startSpan(`${request.method} ${route ?? 'unknown'}`, { kind: SpanKind.SERVER, attributes }, parent);
    const active = trace.setSpan(parent, span);
    traced.set(request, { active, span, startedAt: performance.now() });
    context.with(active, done);
  });
  // body parsing hops over the socket's own async context, so the context is entered again behind it
  server.addHook('preValidation', (request, _reply, done) => {
    const entry = traced.get(request);
    if (entry) context.with(entry.active, done);
    else done();
  });
  server.addHook('onResponse', (request, reply, done) => {
    const entry = traced.get(request);
    if (entry) {
      entry.span.setAttribute('http.response.status_code', reply.statusCode);
      if (reply.statusCode >= 500) entry.span.setStatus({ code: SpanStatusCode.ERROR });
      entry.span.end();
      const route = request.routeOptions.url ?? 'unknown';
      durations.record((performance.now() - entry.startedAt) / 1000, { method: request.method, route, status: reply.statusCode });
    }
    done();
  });
}
