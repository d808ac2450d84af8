import { type Context, isSpanContextValid, type Span, TraceFlags, trace } from '@opentelemetry/api';
import { RandomIdGenerator } from '@opentelemetry/sdk-trace';

const ids = new RandomIdGenerator();

/** Where nobody collects spans: the ids are all there is to them. */
export function idsOnly(parent: Context): Span {
  const caller = trace.getSpanContext(parent);
  const spanId = ids.generateSpanId();
  if (caller && isSpanContextValid(caller))
    return trace.wrapSpanContext({ traceId: caller.traceId, spanId, traceFlags: caller.traceFlags });
  return trace.wrapSpanContext({ traceId: ids.generateTraceId(), spanId, traceFlags: TraceFlags.SAMPLED });
}
