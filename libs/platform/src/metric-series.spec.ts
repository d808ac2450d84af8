import { describe, expect, it } from 'vitest';
import { CounterSeries, HistogramSeries, SeriesRegistry } from './metric-series.js';

const pointsOf = (series: CounterSeries | HistogramSeries) =>
  series.collect()?.dataPoints.map(({ attributes, value }) => [attributes, value]) ?? [];

describe('a counter', () => {
  it('adds up per label set, in whatever order the labels come', () => {
    const counter = new CounterSeries('rows', 'Rows');
    counter.add(1, { model: 'a', role: 'champion' });
    counter.add(2, { role: 'champion', model: 'a' });
    counter.add(5, { model: 'b', role: 'champion' });
    expect(pointsOf(counter)).toEqual([
      [{ model: 'a', role: 'champion' }, 3],
      [{ model: 'b', role: 'champion' }, 5],
    ]);
  });

  it('never shrinks', () => {
    const counter = new CounterSeries('rows', 'Rows');
    counter.add(4);
    counter.add(-1);
    counter.add(Number.NaN);
    expect(pointsOf(counter)).toEqual([[{}, 4]]);
  });

  it('counts label sets beyond its room together', () => {
    const counter = new CounterSeries('rows', 'Rows');
    for (let index = 0; index < 2_500; index++) counter.add(1, { index });
    for (let index = 0; index < 2_500; index++) counter.add(1, { index });
    const points = pointsOf(counter);
    expect(points).toHaveLength(2_001);
    expect(points.at(-1)).toEqual([{ 'otel.metric.overflow': true }, 1_000]);
  });
});

it('a histogram counts up to and with the bound of a bucket', () => {
  const histogram = new HistogramSeries('seconds', 'Time', [1, 2]);
  for (const value of [0.5, 1, 1.5, 2, 7]) histogram.record(value);
  expect(pointsOf(histogram)).toEqual([[{}, { buckets: { boundaries: [1, 2], counts: [2, 2, 1] }, sum: 12, count: 5 }]]);
});

it('the same name of one scope is one instrument, and unused ones are not shown', async () => {
  const registry = new SeriesRegistry();
  const make = () => registry.once('serving', 'rows_total', () => new CounterSeries('rows', 'Rows'));
  expect((await registry.collect()).resourceMetrics.scopeMetrics[0]?.metrics).toEqual([]);
  make();
  make().add(1);
  make().add(1);
  const { metrics } = (await registry.collect()).resourceMetrics.scopeMetrics[0]!;
  expect(metrics).toHaveLength(1);
  expect(metrics[0]?.dataPoints[0]?.value).toBe(2);
});
