import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { aimChart, barChart } from '../charts.js';
import type { Figure } from '../figures.js';
import { median, type Slice } from './slices.js';

const docs = (path: string) => fileURLToPath(new URL(`../../../docs/${path}`, import.meta.url));
const [begin, end] = ['<!-- serving: written by the benchmark -->', '<!-- end of serving -->'];

interface Measured {
  readonly figures: readonly Figure[];
  /** Slices by scenario and contestant. */
  readonly measured: ReadonlyMap<string, ReadonlyMap<string, readonly Slice[]>>;
  readonly cores: { readonly server: number; readonly load: number } | undefined;
  readonly rounds: number;
  /** Processes that ran or waited to run, on average over a minute, before anything was started. */
  readonly loadBefore: number;
}

/** Renews the charts and the part of docs/benchmarks.md that tells these figures. */
export function writePage(run: Measured): void {
  mkdirSync(docs('benchmarks'), { recursive: true });
  writeFileSync(docs('benchmarks/serving-throughput.svg'), throughputChart(run));
  writeFileSync(docs('benchmarks/serving-ratios.svg'), ratioChart(run));
  const page = readFileSync(docs('benchmarks.md'), 'utf8');
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/benchmarks.md has no place for the figures between ${begin} and ${end}`);
  writeFileSync(docs('benchmarks.md'), `${page.slice(0, from + begin.length)}\n\n${partOf(run)}\n${page.slice(to)}`);
}

function throughputChart({ measured }: Measured): string {
  const models = ['logistic-regression', 'tree-ensemble', 'perceptron'];
  const bars = models.flatMap((model) =>
    [...(measured.get(model) ?? [])].map(([series, slices]) => ({
      group: model.replace('-', ' '),
      series,
      value: median(slices.map(({ requestsPerSecond }) => requestsPerSecond)),
    })),
  );
  return barChart(bars, 'requests per second on one core');
}

function ratioChart({ figures }: Measured): string {
  return aimChart(
    figures.flatMap(({ name, ratio, target, goal }) =>
      ratio === undefined || target === undefined ? [] : [{ name, ratio, target, ...(goal === undefined ? {} : { goal }) }],
    ),
  );
}

const number = (value: number | undefined) => (value === undefined ? '' : Number(value.toPrecision(3)).toLocaleString('en'));

function partOf({ figures, cores, rounds, loadBefore }: Measured): string {
  const rows = figures.map(({ name, value, unit, baseline, ratio, target, goal }) =>
    [name, number(value), unit, number(baseline), ratio === undefined ? '' : ratio.toFixed(2), number(target), number(goal)].join(' | '),
  );
  const processor = cpus()[0]?.model.trim() ?? 'unknown processor';
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  const where = cores ? 'servers on one core, load generator and nats-server on another' : 'processes not pinned to cores';
  return `Measured on ${new Date().toISOString().slice(0, 10)}: ${cpus().length} x ${processor}, ${memory}, Node ${process.versions.node}; ${where}; medians of ${rounds} slices; load of the machine before: ${loadBefore.toFixed(1)}.

![Requests per second of bare Fastify, bare Fastify with micro-batching, and the gateway](benchmarks/serving-throughput.svg)

![Ratios against their floors and goals](benchmarks/serving-ratios.svg)

| figure | value | unit | baseline | ratio | floor | goal |
| --- | ---: | --- | ---: | ---: | ---: | ---: |
${rows.map((row) => `| ${row} |`).join('\n')}
`;
}
