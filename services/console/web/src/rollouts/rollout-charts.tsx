import * as Plot from '@observablehq/plot';
import { memo, useCallback, useMemo } from 'react';
import { Chart, versionColours } from './chart';
import type { Comparison, Side } from './rollout-api';

interface Point {
  at: Date;
  who: string;
  value: number;
  /** Where the value may really be. */
  low?: number;
  high?: number;
}

/** Both versions of a rollout over time and over their answers, in the same colours everywhere. */
export const RolloutCharts = memo(function RolloutCharts({ comparison, metric }: { comparison: Comparison; metric?: string | undefined }) {
  const { championVersion, version } = comparison;
  const names = useMemo(() => [`version ${championVersion ?? '-'} (champion)`, `version ${version}`] as const, [championVersion, version]);
  const { series, latency, outputs } = comparison;
  if (series.length === 0) return <p className="quiet">Nothing measured yet: charts begin with the first answers.</p>;
  return (
    <div className="charts">
      {metric ? <Lines label={`${metric}, with the interval of the mean`} names={names} points={metricLevels(series, names)} /> : null}
      <Lines label="Requests per second" names={names} points={rates(series, names, ({ requests }) => requests)} />
      <Lines label="Failed requests, percent" least={1} names={names} points={levels(series, names, failedPercent)} />
      <Lines
        label="95 % of the answers took less than, ms"
        names={names}
        points={levels(series, names, ({ latencyP95Ms }) => latencyP95Ms)}
      />
      <Lines label="Mean score" names={names} points={levels(series, names, ({ meanScore }) => meanScore)} />
      <Lines label="Log loss on labels of the step" names={names} points={levels(series, names, ({ logLoss }) => logLoss)} />
      <Bins label="Latency, ms" names={names} bins={latencyBins(latency)} isLog />
      <Bins label="Outputs" names={names} bins={outputBins(outputs)} />
    </div>
  );
});

type Names = readonly [string, string];

/** @param least what the scale reaches at least */
function Lines({ label, names, points, least = 1e-3 }: { label: string; names: Names; points: Point[]; least?: number }) {
  const options = useCallback(
    () => ({
      x: { label: null, type: 'time' as const, ticks: 4 },
      y: { label: null, grid: true, ticks: 4, domain: domainOf(points, least), clamp: true },
      color: { domain: [...names], range: versionColours },
      marks: [
        Plot.ruleY([0], { strokeOpacity: 0.4 }),
        Plot.areaY(points, { x: 'at', y1: 'low', y2: 'high', fill: 'who', fillOpacity: 0.15 }),
        Plot.line(points, { x: 'at', y: 'value', stroke: 'who', strokeWidth: 2, tip: true }),
      ],
    }),
    [points, names, least],
  );
  return points.length > 0 ? <Chart label={label} options={options} /> : null;
}

/** From zero, or below where values are; intervals of few cases reach beyond it and are cut off there. */
function domainOf(points: Point[], least: number): [number, number] {
  const values = points.map(({ value }) => value);
  const isBanded = points.some(({ low }) => low !== undefined);
  const highest = Math.max(least, ...values) * (isBanded ? 1.5 : 1.05);
  return [Math.min(0, ...values), highest];
}

interface Bin {
  from: number;
  to: number;
  share: number;
  who: string;
}

function Bins({ label, names, bins, isLog = false }: { label: string; names: Names; bins: (names: Names) => Bin[]; isLog?: boolean }) {
  const drawn = bins(names);
  const options = useCallback(
    () => ({
      x: { label: null, ...(isLog ? { type: 'log' as const, tickFormat: (value: number) => String(value), ticks: 5 } : { ticks: 5 }) },
      y: { label: null, grid: true, percent: true, ticks: 4 },
      color: { domain: [...names], range: versionColours },
      marks: [
        Plot.ruleY([0], { strokeOpacity: 0.4 }),
        Plot.rectY(drawn, {
          x1: 'from',
          x2: 'to',
          y1: () => 0,
          y2: 'share',
          fill: 'who',
          fillOpacity: 0.35,
          stroke: 'who',
          strokeWidth: 1,
        }),
      ],
    }),
    [drawn, names, isLog],
  );
  return drawn.length > 0 ? <Chart label={`${label}, percent of the answers`} options={options} /> : null;
}

function levels(series: Comparison['series'], [champion, candidate]: Names, of: (side: Side) => number | undefined): Point[] {
  return series.flatMap(({ at, canary, champion: other }) =>
    [
      { who: champion, value: of(other) },
      { who: candidate, value: of(canary) },
    ].flatMap(({ who, value }) => (value === undefined ? [] : [{ at: new Date(at), who, value }])),
  );
}

function metricLevels(series: Comparison['series'], [champion, candidate]: Names): Point[] {
  const pointOf = (at: string, who: string, { metricMean, metricLow, metricHigh }: Side): Point[] =>
    metricMean === undefined || metricLow === undefined || metricHigh === undefined
      ? []
      : [{ at: new Date(at), who, value: metricMean, low: metricLow, high: metricHigh }];
  return series.flatMap(({ at, canary, champion: other }) => [...pointOf(at, champion, other), ...pointOf(at, candidate, canary)]);
}

function rates(series: Comparison['series'], [champion, candidate]: Names, of: (side: Side) => number): Point[] {
  return series.slice(1).flatMap((present, index) => {
    const before = series[index];
    if (!before) return [];
    const at = new Date(present.at);
    const seconds = Math.max(0.001, (at.getTime() - new Date(before.at).getTime()) / 1000);
    const rate = (side: 'canary' | 'champion') => Math.max(0, of(present[side]) - of(before[side])) / seconds;
    return [
      { at, who: champion, value: rate('champion') },
      { at, who: candidate, value: rate('canary') },
    ];
  });
}

function failedPercent({ requests, failed }: Side): number | undefined {
  return requests === 0 ? undefined : (100 * failed) / requests;
}

const latencyBins =
  ({ canary, champion }: Comparison['latency']) =>
  ([championName, canaryName]: Names): Bin[] => [...latencyOf(champion, championName), ...latencyOf(canary, canaryName)];

function latencyOf(counts: number[], who: string): Bin[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.flatMap((count, bin) =>
    count === 0 ? [] : [{ from: 0.05 * 1.1 ** bin, to: 0.05 * 1.1 ** (bin + 1), share: count / total, who }],
  );
}

const outputBins =
  ({ edges, canary, champion }: Comparison['outputs']) =>
  ([championName, canaryName]: Names): Bin[] => {
    const [first, last] = [edges[0], edges.at(-1)];
    if (first === undefined || last === undefined) return [];
    const width = Math.max(1e-9, (last - first) / Math.max(1, edges.length));
    const ends = [first - width, ...edges, last + width];
    const of = (counts: number[], who: string) => {
      const total = counts.reduce((sum, count) => sum + count, 0);
      return counts.flatMap((count, bin) =>
        total === 0 ? [] : [{ from: ends[bin] ?? first, to: ends[bin + 1] ?? last, share: count / total, who }],
      );
    };
    return [...of(champion, championName), ...of(canary, canaryName)];
  };
