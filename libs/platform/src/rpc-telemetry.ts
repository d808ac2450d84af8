import { context, propagation, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { PlatformConfig } from './config.js';
import type { Histogram, Metrics } from './metrics.js';
import { idsOnly } from './trace-ids.js';

const secondsBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** A call of a procedure: which one, and what came with it. */
export interface RpcCall {
  /** Full name of the service, for example `inference.GRPCInferenceService`. */
  readonly service: string;
  readonly method: string;
  readonly traceparent: string | undefined;
  readonly tracestate: string | undefined;
}

/** The duration of every call by method and code, and its place in the trace of the caller; a span of its own where spans are exported. */
export class RpcTelemetry {
  private readonly durations: Histogram;
  private readonly tracer = trace.getTracer('bascule-rpc');
  private readonly exportsSpans: boolean;

  constructor(metrics: Metrics, { OTEL_TRACES_EXPORTER }: Pick<PlatformConfig, 'OTEL_TRACES_EXPORTER'>) {
    this.durations = metrics.histogram('rpc_server_duration_seconds', 'Time to answer calls of procedures', secondsBuckets);
    this.exportsSpans = OTEL_TRACES_EXPORTER !== 'none';
  }

  /**
   * Answers a call within its trace: what is logged and published meanwhile carries the ids.
   * @param codeOf number of the gRPC status that an error is answered with
   */
  async around<T>(call: RpcCall, work: () => Promise<T>, codeOf: (error: unknown) => number): Promise<T> {
    const startedAt = performance.now();
    const { traceparent, tracestate } = call;
    const parent = traceparent === undefined ? ROOT_CONTEXT : propagation.extract(ROOT_CONTEXT, { traceparent, tracestate });
    const span = this.exportsSpans ? this.startSpan(call, parent) : idsOnly(parent);
    const end = (code: number) => this.end(call, span, code, startedAt);
    try {
      const answer = await context.with(trace.setSpan(parent, span), work);
      end(0);
      return answer;
    } catch (error) {
      end(codeOf(error));
      throw error;
    }
  }

  private startSpan({ service, method }: RpcCall, parent: typeof ROOT_CONTEXT): Span {
    const attributes = { 'rpc.system': 'grpc', 'rpc.service': service, 'rpc.method': method };
    return this.tracer.startSpan(`${service}/${method}`, { kind: SpanKind.SERVER, attributes }, parent);
  }

  private end({ service, method }: RpcCall, span: Span, code: number, startedAt: number): void {
    if (this.exportsSpans) {
      span.setAttribute('rpc.grpc.status_code', code);
      if (isServerFault(code)) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
    }
    this.durations.record((performance.now() - startedAt) / 1000, { service, method, code });
  }
}

const serverFaults = new Set([2, 4, 12, 13, 14, 15]);

/** Unknown, deadline exceeded, unimplemented, internal, unavailable and data loss are the server's doing; the rest is the caller's. */
function isServerFault(code: number): boolean {
  return serverFaults.has(code);
}
