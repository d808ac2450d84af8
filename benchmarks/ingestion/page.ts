import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Figure } from '../figures.js';

const file = fileURLToPath(new URL('../../../docs/benchmarks.md', import.meta.url));
const [begin, end] = ['<!-- ingestion: written by the benchmark -->', '<!-- end of ingestion -->'];

/** Renews the part of docs/benchmarks.md that tells these figures. @param loadBefore processes that ran or waited to run before */
export function writePage(figures: readonly Figure[], loadBefore: number): void {
  const page = readFileSync(file, 'utf8');
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/benchmarks.md has no place for the figures between ${begin} and ${end}`);
  writeFileSync(file, `${page.slice(0, from + begin.length)}\n\n${partOf(figures, loadBefore)}\n${page.slice(to)}`);
}

const number = (value: number | undefined) => (value === undefined ? '' : Number(value.toPrecision(3)).toLocaleString('en'));

function partOf(figures: readonly Figure[], loadBefore: number): string {
  const rows = figures.map(({ name, value, unit, baseline, ratio, better, target, goal }) => {
    const wanted = target === undefined ? '' : `${better === 'higher' ? '≥' : '≤'} ${target}`;
    return `| ${[name, number(value), unit, number(baseline), ratio === undefined ? '' : ratio.toFixed(2), wanted, number(goal)].join(' | ')} |`;
  });
  const machine = `${cpus().length} x ${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${Math.round(totalmem() / 2 ** 30)} GiB`;
  return `Measured on ${new Date().toISOString().slice(0, 10)}: ${machine}, Node ${process.versions.node}; load of the machine before: ${loadBefore.toFixed(1)}.

| figure | value | unit | baseline | ratio | floor | goal |
| --- | ---: | --- | ---: | ---: | ---: | ---: |
${rows.join('\n')}
`;
}
