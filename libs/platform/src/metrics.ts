import { type Attributes, type Meter, metrics } from '@opentelemetry/api';
import { CounterSeries, HistogramSeries, processSeries } from './metric-series.js';

export interface Counter {
  add(value: number, labels?: Attributes): void;
  /** For one label set that is used often: it is looked up once. */
  with(labels: Attributes): { add(value: number): void };
}
export interface Histogram {
  record(value: number, labels?: Attributes): void;
  with(labels: Attributes): { record(value: number): void };
}
export type GaugeReading = number | readonly { value: number; labels: Attributes }[];

const defaultBoundaries = [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10_000];

/** Instruments by name; the same name gives the same instrument. Read at `/metrics` of the admin port. */
export class Metrics {
  private readonly meter: Meter;

  constructor(private readonly service: string) {
    this.meter = metrics.getMeter(`bascule-${service}`);
  }

  /** Only grows; end the name in `_total`. */
  counter(name: string, help: string): Counter {
    return processSeries.once(this.service, name, () => new CounterSeries(name.replace(/_total$/, ''), help));
  }

  /** Distribution; `boundaries` are upper bounds of the buckets, in the unit that ends the name. */
  histogram(name: string, help: string, boundaries: readonly number[] = defaultBoundaries): Histogram {
    return processSeries.once(this.service, name, () => new HistogramSeries(name, help, boundaries));
  }

  /** Read when somebody scrapes. */
  gauge(name: string, help: string, read: () => GaugeReading): void {
    this.meter.createObservableGauge(name, { description: help }).addCallback((result) => {
      const reading = read();
      if (typeof reading === 'number') result.observe(reading);
      else for (const { value, labels } of reading) result.observe(value, labels);
    });
  }
}
