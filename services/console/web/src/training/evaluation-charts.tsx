import { areaY, barX, cell, dot, line, link, type PlotOptions, ruleX, ruleY, text } from '@observablehq/plot';
import { useMemo } from 'react';
import { Chart } from './chart';
import type { Evaluation, Series, Trial } from './training-api';

const accent = 'var(--accent)';
const diagonal = [
  [0, 0],
  [1, 1],
] as [number, number][];
const share = (label: string) => ({ domain: [0, 1] as [number, number], label });

/** Curves of one run, or of several on top of each other. */
export function CurveChart({ name, curves }: { name: string; curves: { label: string; points: Series['points'] }[] }) {
  const options = useMemo<PlotOptions>(() => {
    const points = curves.flatMap(({ label, points }) => points.map((point) => ({ ...point, label })));
    const isMany = curves.length > 1;
    const stroke = isMany ? { stroke: 'label' } : { stroke: accent };
    return {
      x: { label: 'step' },
      y: { label: null, grid: true },
      ...(isMany ? { color: { legend: true } } : {}),
      marks: [line(points, { x: 'step', y: 'value', ...stroke }), dot(points, { x: 'step', y: 'value', r: 2, ...stroke, tip: true })],
    };
  }, [curves]);
  return <Chart title={name} options={options} />;
}

/** Every trial of a search by its number; those of later rounds learnt from more rows. */
export function TrialsChart({ trials, metric }: { trials: readonly Trial[]; metric: string }) {
  const options = useMemo<PlotOptions>(() => {
    const measured = trials.filter(({ value }) => value !== null);
    return {
      x: { label: 'trial' },
      y: { label: metric, grid: true },
      color: { legend: new Set(measured.map(({ round }) => round)).size > 1, type: 'ordinal', label: 'round' },
      marks: [
        dot(measured, {
          x: 'number',
          y: 'value',
          fill: 'round',
          r: 4,
          tip: true,
          channels: { params: (trial: Trial) => JSON.stringify(trial.params) },
        }),
      ],
    };
  }, [trials, metric]);
  return <Chart title={`Trials by ${metric}`} options={options} />;
}

/** What the evaluation report of a model shows. */
export function EvaluationCharts({ evaluation }: { evaluation: Evaluation }) {
  const { curves, reliability, confusion, importance, classes } = evaluation;
  const pictures = useMemo(() => {
    const drawn: { title: string; options: PlotOptions }[] = [];
    if (curves) {
      drawn.push({
        title: 'ROC',
        options: {
          x: share('false positive rate'),
          y: { ...share('true positive rate'), grid: true },
          marks: [
            line(diagonal, { strokeDasharray: '3 3' }),
            areaY(curves.roc, { x: '0', y: '1', fillOpacity: 0.1 }),
            line(curves.roc, { stroke: accent }),
          ],
        },
      });
      drawn.push({
        title: 'Precision and recall',
        options: {
          x: share('recall'),
          y: { ...share('precision'), grid: true },
          marks: [line(curves.precisionRecall, { stroke: accent })],
        },
      });
    }
    if (reliability.length > 0) {
      drawn.push({
        title: 'Reliability: promised and happened',
        options: {
          x: { label: 'mean score' },
          y: { label: 'share of positives', grid: true },
          marks: [
            line(diagonal.slice(0, 2), { strokeDasharray: '3 3' }),
            link(reliability, {
              x1: 'meanScore',
              x2: 'meanScore',
              y1: (bin) => bin.interval[0],
              y2: (bin) => bin.interval[1],
              strokeOpacity: 0.5,
            }),
            line(reliability, { x: 'meanScore', y: 'positiveShare', stroke: accent }),
            dot(reliability, { x: 'meanScore', y: 'positiveShare', fill: accent, tip: true, channels: { rows: 'rowCount' } }),
          ],
        },
      });
    }
    if (confusion) {
      const name = (at: number) => classes[at] ?? String(at);
      const cells = confusion.flatMap((row, was) =>
        row.map((count, said) => ({ was: name(was), said: name(said), count, share: count / Math.max(1, sum(row)) })),
      );
      drawn.push({
        title: 'Confusion',
        options: {
          x: { label: 'said', type: 'band' },
          y: { label: 'was', type: 'band' },
          color: { domain: [0, 1], scheme: 'blues' },
          marks: [
            cell(cells, { x: 'said', y: 'was', fill: 'share' }),
            text(cells, { x: 'said', y: 'was', text: 'count', fill: (one) => (one.share > 0.5 ? 'white' : 'black') }),
          ],
        },
      });
    }
    if (importance.length > 0) {
      const top = importance.slice(0, 15);
      drawn.push({
        title: 'Importance: loss when shuffled',
        options: {
          marginLeft: 130,
          height: 60 + 18 * top.length,
          x: { label: null, grid: true },
          y: { label: null },
          marks: [
            barX(top, { x: 'loss', y: 'feature', fill: accent, sort: { y: 'x', reverse: true } }),
            link(top, { x1: (one) => one.interval[0], x2: (one) => one.interval[1], y1: 'feature', y2: 'feature' }),
            ruleX([0]),
          ],
        },
      });
    }
    return drawn;
  }, [curves, reliability, confusion, importance, classes]);
  return (
    <div className="charts">
      {pictures.map(({ title, options }) => (
        <Chart key={title} title={title} options={options} />
      ))}
    </div>
  );
}

/** A bar for each metric where a run and the champion differ. */
export function ChampionChart({ difference, interval, metric }: { difference: number; interval: [number, number]; metric: string }) {
  const options = useMemo<PlotOptions>(
    () => ({
      height: 90,
      x: { label: `${metric}: challenger minus champion`, grid: true },
      y: { axis: null },
      marks: [
        link([interval], {
          x1: (one: [number, number]) => one[0],
          x2: (one: [number, number]) => one[1],
          y1: 0,
          y2: 0,
          stroke: accent,
          strokeWidth: 4,
        }),
        dot([difference], { x: (one: number) => one, y: 0, fill: accent, r: 5 }),
        ruleX([0], { strokeDasharray: '3 3' }),
        ruleY([0], { strokeOpacity: 0 }),
      ],
    }),
    [difference, interval[0], interval[1], metric],
  );
  return <Chart title="Beside the champion, on the same rows" options={options} />;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
