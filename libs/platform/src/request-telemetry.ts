import { type Context, context, propagation, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { PlatformConfig } from './config.js';
import type { Histogram, Metrics } from './metrics.js';
import { idsOnly } from './trace-ids.js';

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** A request that is being answered. */
export interface Exchange {
  readonly method: string;
  /** Pattern of the route, not the address: addresses would be labels without end. */
  readonly route: string;
  readonly startedAt: number;
  /** The trace it is in. */
  readonly active: Context;
  readonly span: Span;
}

const secondsBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** The duration of every request by route, and its place in the trace of the caller; a span of its own where spans are exported. */
export class RequestTelemetry {
  private readonly durations: Histogram;
  private readonly tracer = trace.getTracer('bascule-http');
  /** Without an exporter there is nothing to begin for a request that neither logs nor publishes: `record` is enough. */
  readonly exportsSpans: boolean;

  constructor(metrics: Metrics, { OTEL_TRACES_EXPORTER }: Pick<PlatformConfig, 'OTEL_TRACES_EXPORTER'>) {
    this.durations = metrics.histogram('http_server_request_duration_seconds', 'Time to answer HTTP requests', secondsBuckets);
    this.exportsSpans = OTEL_TRACES_EXPORTER !== 'none';
  }

  begin(method: string, route: string, url: string, headers: Headers): Exchange {
    const startedAt = performance.now();
    const parent = headers['traceparent'] === undefined ? ROOT_CONTEXT : propagation.extract(ROOT_CONTEXT, headers);
    const span = this.exportsSpans ? this.startSpan(method, route, url, parent) : idsOnly(parent);
    return { method, route, startedAt, span, active: trace.setSpan(parent, span) };
  }

  /** Runs `work` within the trace of the request: what it logs and publishes carries the ids. */
  within<T>(exchange: Exchange, work: () => T): T {
    return context.with(exchange.active, work);
  }

  end({ method, route, startedAt, span }: Exchange, status: number): void {
    if (this.exportsSpans) {
      span.setAttribute('http.response.status_code', status);
      if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
    }
    this.record(method, route, status, startedAt);
  }

  /** Counts an answered request that was not begun here. */
  record(method: string, route: string, status: number, startedAt: number): void {
    this.durations.record((performance.now() - startedAt) / 1000, { method, route, status });
  }

  /** `record` for one outcome that comes often. */
  recorderOf(method: string, route: string, status: number): (startedAt: number) => void {
    const durations = this.durations.with({ method, route, status });
    return (startedAt) => durations.record((performance.now() - startedAt) / 1000);
  }

  private startSpan(method: string, route: string, url: string, parent: Context): Span {
    const attributes = { 'http.request.method': method, 'url.path': url.split('?')[0], 'http.route': route };
    return this.tracer.startSpan(`${method} ${route}`, { kind: SpanKind.SERVER, attributes }, parent);
  }
}
