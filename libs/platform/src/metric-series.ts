import { type Attributes, type HrTime, ValueType } from '@opentelemetry/api';
import { emptyResource } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  type CollectionResult,
  DataPointType,
  type MetricData,
  type MetricProducer,
} from '@opentelemetry/sdk-metrics';

interface Series<Value> {
  readonly labels: Attributes;
  readonly value: Value;
}
interface Distribution {
  readonly counts: number[];
  sum: number;
  count: number;
}

/** More label sets than this of one instrument are counted together, so that no caller can fill the memory. */
const maxSeries = 2_000;
const overflow: Attributes = { 'otel.metric.overflow': true };

/**
 * Values of one instrument by label set. The SDK's own instruments sort and serialise the labels of every measurement,
 * which costs more than an inference; here a label set that was seen before is found by its text.
 */
abstract class SeriesSet<Value> {
  private readonly bySpelling = new Map<string, Series<Value>>();
  private readonly series = new Map<string, Series<Value>>();
  private readonly startTime = now();

  constructor(
    readonly name: string,
    readonly help: string,
  ) {}

  protected abstract start(): Value;
  protected abstract dataOf(points: { startTime: HrTime; endTime: HrTime; series: Series<Value> }[]): MetricData;

  protected at(labels: Attributes | undefined): Value {
    let spelling = '';
    for (const name in labels) spelling += `${name}\0${labels[name]}\0`;
    const known = this.bySpelling.get(spelling);
    return known ? known.value : this.begin(spelling, labels ?? {}).value;
  }

  collect(): MetricData | undefined {
    if (this.series.size === 0) return undefined;
    const endTime = now();
    return this.dataOf([...this.series.values()].map((series) => ({ startTime: this.startTime, endTime, series })));
  }

  protected get descriptor() {
    return { name: this.name, description: this.help, unit: '', valueType: ValueType.DOUBLE };
  }

  private begin(spelling: string, labels: Attributes): Series<Value> {
    const isFull = this.series.size >= maxSeries;
    // the same labels in another order are the same series
    const key = JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
    const found = this.series.get(key) ?? (isFull ? this.series.get('overflow') : undefined);
    const series = found ?? { labels: isFull ? overflow : { ...labels }, value: this.start() };
    if (!found) this.series.set(isFull ? 'overflow' : key, series);
    if (this.bySpelling.size < 2 * maxSeries) this.bySpelling.set(spelling, series);
    return series;
  }
}

/** A sum that only grows, per label set. */
export class CounterSeries extends SeriesSet<{ sum: number }> {
  add(value: number, labels?: Attributes): void {
    if (value >= 0) this.at(labels).sum += value;
  }

  /** The same for one label set, which is looked up once. */
  with(labels: Attributes): { add(value: number): void } {
    const series = this.at(labels);
    return {
      add: (value) => {
        if (value >= 0) series.sum += value;
      },
    };
  }

  protected start() {
    return { sum: 0 };
  }

  protected dataOf(points: { startTime: HrTime; endTime: HrTime; series: Series<{ sum: number }> }[]): MetricData {
    return {
      descriptor: this.descriptor,
      aggregationTemporality: AggregationTemporality.CUMULATIVE,
      dataPointType: DataPointType.SUM,
      isMonotonic: true,
      dataPoints: points.map(({ startTime, endTime, series }) => ({
        startTime,
        endTime,
        attributes: series.labels,
        value: series.value.sum,
      })),
    };
  }
}

/** Counts per bucket, per label set. */
export class HistogramSeries extends SeriesSet<Distribution> {
  constructor(
    name: string,
    help: string,
    private readonly boundaries: readonly number[],
  ) {
    super(name, help);
  }

  record(value: number, labels?: Attributes): void {
    if (value >= 0) this.count(this.at(labels), value);
  }

  /** The same for one label set, which is looked up once. */
  with(labels: Attributes): { record(value: number): void } {
    const distribution = this.at(labels);
    return {
      record: (value) => {
        if (value >= 0) this.count(distribution, value);
      },
    };
  }

  private count(distribution: Distribution, value: number): void {
    let bucket = 0;
    while (bucket < this.boundaries.length && value > this.boundaries[bucket]!) bucket++;
    distribution.counts[bucket]!++;
    distribution.sum += value;
    distribution.count++;
  }

  protected start(): Distribution {
    return { counts: new Array<number>(this.boundaries.length + 1).fill(0), sum: 0, count: 0 };
  }

  protected dataOf(points: { startTime: HrTime; endTime: HrTime; series: Series<Distribution> }[]): MetricData {
    return {
      descriptor: this.descriptor,
      aggregationTemporality: AggregationTemporality.CUMULATIVE,
      dataPointType: DataPointType.HISTOGRAM,
      dataPoints: points.map(({ startTime, endTime, series: { labels, value } }) => ({
        startTime,
        endTime,
        attributes: labels,
        value: { buckets: { boundaries: [...this.boundaries], counts: [...value.counts] }, sum: value.sum, count: value.count },
      })),
    };
  }
}

/** The instruments of this process, read by the exporter whenever somebody scrapes. */
export class SeriesRegistry implements MetricProducer {
  private readonly instruments = new Map<string, CounterSeries | HistogramSeries>();

  /** The instrument of this scope and name, made when it is asked for first. */
  once<Instrument extends CounterSeries | HistogramSeries>(scope: string, name: string, create: () => Instrument): Instrument {
    const key = `${scope}/${name}`;
    const existing = this.instruments.get(key);
    if (existing) return existing as Instrument;
    const created = create();
    this.instruments.set(key, created);
    return created;
  }

  async collect(): Promise<CollectionResult> {
    const metrics = [...this.instruments.values()].flatMap((instrument) => instrument.collect() ?? []);
    return { resourceMetrics: { resource: emptyResource(), scopeMetrics: [{ scope: { name: 'bascule' }, metrics }] }, errors: [] };
  }
}

/** One per process, as the meter provider is. */
export const processSeries = new SeriesRegistry();

function now(): HrTime {
  const milliseconds = Date.now();
  return [Math.floor(milliseconds / 1000), (milliseconds % 1000) * 1e6];
}
