import { type Attributes, type Meter, metrics } from '@opentelemetry/api';

export interface Counter {
  add(value: number, labels?: Attributes): void;
}
export interface Histogram {
  record(value: number, labels?: Attributes): void;
}
export type GaugeReading = number | readonly { value: number; labels: Attributes }[];

/** Instruments by name; the same name gives the same instrument. Read at `/metrics` of the admin port. */
export class Metrics {
  private readonly meter: Meter;
  private readonly instruments = new Map<string, Counter | Histogram>();

  constructor(service: string) {
    this.meter = metrics.getMeter(`bascule-${service}`);
  }

  /** Only grows; end the name in `_total`. */
  counter(name: string, help: string): Counter {
    return this.once(name, () => this.meter.createCounter(name.replace(/_total$/, ''), { description: help }));
  }

  /** Distribution; `boundaries` are upper bounds of the buckets, in the unit that ends the name. */
  histogram(name: string, help: string, boundaries?: number[]): Histogram {
    const advice = boundaries ? { advice: { explicitBucketBoundaries: boundaries } } : {};
    return this.once(name, () => this.meter.createHistogram(name, { description: help, ...advice }));
  }

  /** Read when somebody scrapes. */
  gauge(name: string, help: string, read: () => GaugeReading): void {
    this.meter.createObservableGauge(name, { description: help }).addCallback((result) => {
      const reading = read();
      if (typeof reading === 'number') result.observe(reading);
      else for (const { value, labels } of reading) result.observe(value, labels);
    });
  }

  private once<Instrument extends Counter | Histogram>(name: string, create: () => Instrument): Instrument {
    const existing = this.instruments.get(name);
    if (existing) return existing as Instrument;
    const created = create();
    this.instruments.set(name, created);
    return created;
  }
}
