import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';

const { document } = parseHTML('<!doctype html><html><body></body></html>');
const style = { background: 'white', color: '#1f2937', fontFamily: 'system-ui, sans-serif', fontSize: '12px' };
const palette = ['#94a3b8', '#64748b', '#0f766e'];

type Options = Parameters<typeof Plot.plot>[0];

function svgOf(options: Options): string {
  const chart = Plot.plot({ ...options, document: document as never, style });
  chart.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  return `${chart.outerHTML}\n`;
}

/** A bar of a group, for example one server with one model. */
export interface Bar {
  readonly group: string;
  readonly series: string;
  readonly value: number;
}

/** Groups of bars with their values, as SVG. */
export function barChart(bars: readonly Bar[], label: string): string {
  const series = [...new Set(bars.map((bar) => bar.series))];
  const groups = [...new Set(bars.map(({ group }) => group))];
  return svgOf({
    width: 760,
    height: 60 + groups.length * (series.length * 26 + 18),
    marginLeft: 130,
    marginRight: 70,
    x: { label, grid: true, zero: true },
    y: { label: null, domain: series },
    fy: { label: null, domain: groups, padding: 0.15 },
    color: { domain: series, range: palette },
    marks: [
      Plot.barX(bars, { x: 'value', y: 'series', fy: 'group', fill: 'series' }),
      Plot.text(bars, { x: 'value', y: 'series', fy: 'group', text: ({ value }: Bar) => numberText(value), textAnchor: 'start', dx: 5 }),
      Plot.ruleX([0]),
    ],
  });
}

/** A ratio with what it has to reach and what it aims at. */
export interface Aim {
  readonly name: string;
  readonly ratio: number;
  readonly target: number;
  readonly goal?: number;
}

/** Ratios as a share of their targets, so that one line tells for all of them what is met; as SVG. */
export function aimChart(aims: readonly Aim[]): string {
  const rows = aims.map((aim) => ({ ...aim, share: aim.ratio / aim.target, goalShare: (aim.goal ?? aim.target) / aim.target }));
  return svgOf({
    width: 760,
    height: 60 + aims.length * 30,
    marginLeft: 330,
    marginRight: 90,
    x: { label: 'ratio as a share of its floor (1 = floor; the mark is the goal)', grid: true, zero: true },
    y: { label: null, domain: aims.map(({ name }) => name) },
    marks: [
      Plot.barX(rows, { x: 'share', y: 'name', fill: palette[2]!, insetTop: 4, insetBottom: 4 }),
      Plot.tickX(rows, { x: 'goalShare', y: 'name', stroke: '#b45309', strokeWidth: 2 }),
      Plot.text(rows, {
        x: (row: (typeof rows)[number]) => Math.max(row.share, row.goalShare),
        y: 'name',
        text: ({ ratio }: Aim) => `${numberText(ratio)}`,
        textAnchor: 'start',
        dx: 7,
      }),
      Plot.ruleX([1], { stroke: '#1f2937' }),
    ],
  });
}

/** A point of a line. */
export interface Point {
  readonly series: string;
  readonly x: number;
  readonly y: number;
}

/** Lines over one scale, named beside one another from `legendAt` on, as SVG. */
export function lineChart(points: readonly Point[], labels: { readonly x: string; readonly y: string; readonly legendAt: number }): string {
  const series = [...new Set(points.map((point) => point.series))];
  return svgOf({
    width: 760,
    height: 380,
    marginLeft: 60,
    marginRight: 20,
    x: { label: labels.x, grid: true },
    y: { label: labels.y, grid: true, zero: true },
    color: { domain: series, range: lineColours, legend: false },
    marks: [
      Plot.ruleY([0]),
      Plot.line(points, { x: 'x', y: 'y', stroke: 'series', strokeWidth: 2 }),
      Plot.text(
        series.map((name, index) => ({ name, x: labels.legendAt, y: 0.95 - index * 0.06 })),
        { x: 'x', y: 'y', text: 'name', fill: 'name', textAnchor: 'start', fontWeight: 600, stroke: 'white', strokeWidth: 4 },
      ),
    ],
  });
}

const lineColours = ['#64748b', '#0f766e', '#b45309', '#7c3aed', '#be123c', '#1d4ed8', '#111827'];

function numberText(value: number): string {
  return value >= 1000 ? Math.round(value).toLocaleString('en') : value.toFixed(2);
}
