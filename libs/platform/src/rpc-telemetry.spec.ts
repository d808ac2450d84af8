import { context, propagation, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { HistogramSeries } from './metric-series.js';
import type { Metrics } from './metrics.js';
import { RpcTelemetry } from './rpc-telemetry.js';

const spans = new InMemorySpanExporter();
const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const call = { service: 'inference.GRPCInferenceService', method: 'ModelInfer', traceparent: undefined, tracestate: undefined };
const codeOf = (error: unknown) => Number((error as Error).message);
const failing = (code: number) => async () => {
  throw new Error(String(code));
};

/** Telemetry whose calls are counted in a histogram of their own. */
function telemetry(exporter: 'none' | 'otlp') {
  const durations = new HistogramSeries('rpc', 'Time', [1]);
  const rpc = new RpcTelemetry({ histogram: () => durations } as unknown as Metrics, { OTEL_TRACES_EXPORTER: exporter });
  const counted = () => durations.collect()?.dataPoints.map(({ attributes, value }) => [attributes, (value as { count: number }).count]);
  return { rpc, counted };
}

describe('calls of procedures', () => {
  beforeAll(() => {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    propagation.setGlobalPropagator(new W3CTraceContextPropagator());
    trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter: spans })] }));
  });
  beforeEach(() => spans.reset());
  afterAll(() => {
    trace.disable();
    context.disable();
    propagation.disable();
  });

  it('are counted by method and code, the answered and the failed', async () => {
    const { rpc, counted } = telemetry('none');
    expect(await rpc.around(call, async () => 7, codeOf)).toBe(7);
    await expect(rpc.around(call, failing(3), codeOf)).rejects.toThrow('3');
    await expect(rpc.around(call, failing(3), codeOf)).rejects.toThrow('3');
    const { service, method } = call;
    expect(counted()).toEqual([
      [{ service, method, code: 0 }, 1],
      [{ service, method, code: 3 }, 2],
    ]);
    expect(spans.getFinishedSpans()).toEqual([]);
  });

  it.each(['none', 'otlp'] as const)('go on with the trace of their caller where spans go to %s', async (exporter) => {
    const { rpc } = telemetry(exporter);
    const within = async () => trace.getSpanContext(context.active());
    const caller = await rpc.around({ ...call, traceparent }, within, codeOf);
    expect(caller?.traceId).toBe('0af7651916cd43dd8448eb211c80319c');
    expect(caller?.spanId).not.toBe('b7ad6b7169203331');
    const alone = await rpc.around(call, within, codeOf);
    expect(alone?.traceId).toMatch(/^(?!0{32})[0-9a-f]{32}$/);
    expect(alone?.traceId).not.toBe(caller?.traceId);
    const odd = await rpc.around({ ...call, traceparent: 'nonsense' }, within, codeOf);
    expect(odd?.traceId).toMatch(/^(?!0{32})[0-9a-f]{32}$/);
  });

  it('have one span each, with what was called and how it ended; only a fault of the server is an error', async () => {
    const { rpc } = telemetry('otlp');
    await rpc.around({ ...call, traceparent }, async () => undefined, codeOf);
    for (const code of [3, 13]) await rpc.around(call, failing(code), codeOf).catch(() => undefined);
    const seen = spans.getFinishedSpans().map(({ name, attributes, status, parentSpanContext }) => ({
      name,
      code: attributes['rpc.grpc.status_code'],
      isError: status.code === SpanStatusCode.ERROR,
      parent: parentSpanContext?.spanId,
    }));
    const name = 'inference.GRPCInferenceService/ModelInfer';
    expect(seen).toEqual([
      { name, code: 0, isError: false, parent: 'b7ad6b7169203331' },
      { name, code: 3, isError: false, parent: undefined },
      { name, code: 13, isError: true, parent: undefined },
    ]);
  });
});
