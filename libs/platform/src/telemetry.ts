import { context, metrics, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import {
  BatchSpanProcessor,
  ConsoleSpanExporter,
  ParentBasedSampler,
  SimpleSpanProcessor,
  type SpanProcessor,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { PlatformConfig } from './config.js';
import { processSeries } from './metric-series.js';

export interface Telemetry {
  /** Handler of `GET /metrics`. */
  readonly exporter: PrometheusExporter;
  shutdown(): Promise<void>;
}

/**
 * Sets up traces and metrics of the process. Trace ids exist and travel even when no exporter is set.
 * The parts are put together by hand: the all-in-one package loads every exporter and costs memory and start time in each service.
 */
export async function setUpTelemetry(service: string, config: PlatformConfig): Promise<Telemetry> {
  const resource = resourceFromAttributes({ 'service.name': service, 'service.instance.id': config.INSTANCE_ID });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  const tracers = new TracerProvider({
    resource,
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(config.OTEL_TRACES_SAMPLER_ARG) }),
    spanProcessors: await spanProcessorsOf(config),
  });
  trace.setGlobalTracerProvider(tracers);
  const exporter = new PrometheusExporter({ preventServerStart: true, withoutScopeInfo: true, metricProducers: [processSeries] });
  const meters = new MeterProvider({ resource, readers: [exporter] });
  metrics.setGlobalMeterProvider(meters);
  if (config.OTEL_TRACES_EXPORTER !== 'none') await instrumentPostgres();
  return {
    exporter,
    shutdown: async () => {
      await Promise.allSettled([tracers.shutdown(), meters.shutdown()]);
    },
  };
}

async function spanProcessorsOf(config: PlatformConfig): Promise<SpanProcessor[]> {
  if (config.OTEL_TRACES_EXPORTER === 'console') return [new SimpleSpanProcessor({ exporter: new ConsoleSpanExporter() })];
  if (config.OTEL_TRACES_EXPORTER === 'none') return [];
  const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-http');
  return [new BatchSpanProcessor({ exporter: new OTLPTraceExporter() })];
}

async function instrumentPostgres(): Promise<void> {
  const [{ registerInstrumentations }, { PgInstrumentation }] = await Promise.all([
    import('@opentelemetry/instrumentation'),
    import('@opentelemetry/instrumentation-pg'),
  ]);
  // without a parent the outbox's polling would flood the traces
  registerInstrumentations({ instrumentations: [new PgInstrumentation({ requireParentSpan: true })] });
}
