import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { lineChart, type Point } from '../charts.js';
import type { Figure } from '../figures.js';
import type { Outcome, Plan } from './simulate.js';

const docs = (path: string) => fileURLToPath(new URL(`../../../docs/${path}`, import.meta.url));
const [begin, end] = ['<!-- canary: written by the benchmark -->', '<!-- end of canary -->'];
const every = 50;

interface Result {
  readonly name: string;
  readonly outcomes: readonly Outcome[];
  readonly plan: Plan;
}

/** Renews the chart and the part of docs/benchmarks.md about the judge of rollouts. */
export function writePage(results: readonly Result[], figures: readonly Figure[], rollouts: number): void {
  mkdirSync(docs('benchmarks'), { recursive: true });
  writeFileSync(docs('benchmarks/canary-power.svg'), powerChart(results));
  const page = readFileSync(docs('benchmarks.md'), 'utf8');
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/benchmarks.md has no place for the figures between ${begin} and ${end}`);
  writeFileSync(docs('benchmarks.md'), `${page.slice(0, from + begin.length)}\n\n${partOf(figures, rollouts)}\n${page.slice(to)}`);
}

function powerChart(results: readonly Result[]): string {
  const points: Point[] = results
    .filter(({ plan }) => plan.steps.length === 1)
    .flatMap(({ name, outcomes, plan }) =>
      Array.from({ length: plan.requestsPerStep / every + 1 }, (_, position) => ({
        series: name,
        x: position * every,
        y: outcomes.filter(({ caughtAt }) => caughtAt !== undefined && caughtAt <= position * every).length / outcomes.length,
      })),
    );
  return lineChart(points, { x: 'requests of each version', y: 'share of rollouts taken back', legendAt: 790 });
}

function partOf(figures: readonly Figure[], rollouts: number): string {
  const rows = figures.map(({ name, value, unit, better, target }) => {
    const wanted = target === undefined ? '' : `${better === 'higher' ? '≥' : '≤'} ${target}`;
    return `| ${name.trim()} | ${Number(value.toPrecision(3)).toLocaleString('en')} | ${unit} | ${wanted} |`;
  });
  return `Simulated on ${new Date().toISOString().slice(0, 10)}: ${rollouts.toLocaleString('en')} rollouts of each kind.

![Share of rollouts taken back over the requests that each version has answered](benchmarks/canary-power.svg)

| figure | value | unit | wanted |
| --- | ---: | --- | ---: |
${rows.join('\n')}
`;
}
