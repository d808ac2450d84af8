import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { measureMemory } from '@bascule/launcher';
import { type Figure, reportFigures } from '../figures.js';
import { chooseCores } from './affinity.js';
import { Load, type LoadGenerator } from './load.js';
import { writePage } from './page.js';
import { type Scenario, Scenarios } from './scenarios.js';
import { interleave, median, medianRatio, type Slice, type SliceOptions } from './slices.js';
import { workloads } from './workload.js';
import { Wrk } from './wrk.js';

// The gateway with everything on against bare Fastify with onnxruntime, and what its parts cost. Options: --json FILE,
// --docs (renew docs/benchmarks.md and its charts), --only SCENARIO, --rounds N.

const [loadBefore = 0] = loadavg();
const args = process.argv.slice(2);
const optionOf = (name: string) => (args.includes(name) ? args[args.indexOf(name) + 1] : undefined);
const only = optionOf('--only');
const standard: SliceOptions = { rounds: Number(optionOf('--rounds') ?? 7), connections: 32, warmUpMs: 300, durationMs: 2_000 };
const folder = mkdtempSync(join(tmpdir(), 'bascule-benchmark-'));
const cores = chooseCores();
const load = await Load.start(cores?.load);
// where generator and servers share the cores, a cheap one leaves more of them to what is measured
const sharingLoad = Wrk.find(folder) ?? load;
const scenarios = new Scenarios(folder, cores);
const figures: Figure[] = [];
const measured = new Map<string, Map<string, Slice[]>>();

async function run(scenario: Scenario, generator: LoadGenerator = load): Promise<Map<string, Slice[]>> {
  const slices = await interleave(generator, scenario.contestants, { ...standard, ...scenario.options });
  measured.set(scenario.name, slices);
  for (const [name, list] of slices) {
    const of = (pick: (slice: Slice) => number) => median(list.map(pick));
    const requests = Math.round(of(({ requestsPerSecond }) => requestsPerSecond));
    const cpu = list.some(({ cpuUs }) => cpuUs === undefined) ? '' : `, ${of(({ cpuUs }) => cpuUs ?? 0).toFixed(1)} µs of processor each`;
    const times = `p50 ${of(({ p50Ms }) => p50Ms).toFixed(2)} ms, p99 ${of(({ p99Ms }) => p99Ms).toFixed(2)} ms`;
    const busy = `generator ${Math.round(100 * Math.max(...list.map(({ generatorLoad }) => generatorLoad)))} % busy`;
    process.stderr.write(`${scenario.name}, ${name}: ${requests}/s${cpu}, ${times}, ${busy}\n`);
  }
  return slices;
}

/** Requests per second of one contestant over those of another, in the same round. */
function compare(
  slices: ReadonlyMap<string, readonly Slice[]>,
  names: { name: string; of: string; to: string },
  aims: { target?: number; goal?: number },
): void {
  const [value, baseline] = [slices.get(names.of) ?? [], slices.get(names.to) ?? []];
  const rate = (list: readonly Slice[]) => median(list.map(({ requestsPerSecond }) => requestsPerSecond));
  const ratio = medianRatio(value, baseline);
  figures.push({ name: names.name, value: rate(value), unit: '1/s', baseline: rate(baseline), ratio, better: 'higher', ...aims });
}

function latency(slices: ReadonlyMap<string, readonly Slice[]>, name: string, label: string): void {
  const of = (pick: (slice: Slice) => number) => median((slices.get(name) ?? []).map(pick));
  figures.push({ name: `${label}: median latency`, value: of(({ p50Ms }) => p50Ms), unit: 'ms', better: 'lower' });
  figures.push({ name: `${label}: p99 latency`, value: of(({ p99Ms }) => p99Ms), unit: 'ms', better: 'lower' });
  processorTime(slices, name, label);
}

function processorTime(slices: ReadonlyMap<string, readonly Slice[]>, name: string, label: string): void {
  const cpu = slices.get(name)?.flatMap(({ cpuUs }) => cpuUs ?? []) ?? [];
  if (cpu.length > 0) figures.push({ name: `${label}: processor time per request`, value: median(cpu), unit: 'µs', better: 'lower' });
}

type Part = readonly [name: string, measure: () => Promise<void>];

async function bareParts(kind: 'logisticRegression' | 'treeEnsemble' | 'perceptron', label: string): Promise<void> {
  const { scenario, gateway, bare } = await scenarios.againstBare(workloads[kind]());
  const slices = await run(scenario);
  const aims = kind === 'treeEnsemble' ? { target: 1, goal: 1.5 } : kind === 'logisticRegression' ? { target: 1, goal: 1.2 } : {};
  compare(slices, { name: `${label}: gateway / bare`, of: 'gateway', to: 'bare' }, aims);
  const batched = kind === 'logisticRegression' ? { target: 0.7, goal: 0.85 } : {};
  compare(slices, { name: `${label}: gateway / bare, batched`, of: 'gateway', to: 'bare, batched' }, batched);
  if (kind !== 'logisticRegression') return;
  for (const name of ['gateway', 'bare', 'bare, batched']) latency(slices, name, name);
  const memory = measureMemory([
    { name: 'gateway with its model process', pid: gateway.pid },
    { name: 'bare', pid: bare.pid },
  ]);
  for (const { name, bytes } of memory) figures.push({ name: `${name}: memory (PSS)`, value: bytes / 1e6, unit: 'MB', better: 'lower' });
}

const parts: readonly Part[] = [
  ['logistic-regression', () => bareParts('logisticRegression', 'logistic regression')],
  ['tree-ensemble', () => bareParts('treeEnsemble', 'tree ensemble')],
  ['perceptron', () => bareParts('perceptron', 'perceptron')],
  [
    'capture',
    async () => {
      const slices = await run(await scenarios.capture());
      compare(slices, { name: 'capture on / off', of: 'capture on', to: 'capture off' }, { target: 0.88, goal: 0.95 });
      for (const name of ['capture on', 'capture off']) processorTime(slices, name, name);
    },
  ],
  [
    'inline',
    async () =>
      compare(
        await run(await scenarios.inline(workloads.logisticRegression())),
        { name: 'model beside the requests / in its own process', of: 'beside requests', to: 'own process' },
        {},
      ),
  ],
  [
    'processes',
    async () => {
      const slices = await run(await scenarios.processes(workloads.logisticRegression()), sharingLoad);
      const name = 'two gateway processes / one, sharing the cores with the load';
      const bareName = 'two bare processes / one, batched, sharing the cores with the load';
      compare(slices, { name, of: '2 processes', to: 'one process' }, { target: 1.5, goal: 1.7 });
      compare(slices, { name: bareName, of: 'bare, 2 processes', to: 'bare, one process' }, {});
      await scenarios.clear();
      const costly = await run(await scenarios.processes(workloads.perceptron()), sharingLoad);
      compare(costly, { name: `perceptron: ${name}`, of: '2 processes', to: 'one process' }, {});
      compare(costly, { name: `perceptron: ${bareName}`, of: 'bare, 2 processes', to: 'bare, one process' }, {});
    },
  ],
  [
    'binary',
    async () =>
      compare(
        await run(await scenarios.binary()),
        { name: 'binary tensors / JSON, 256 x 256, not captured', of: 'binary', to: 'JSON' },
        { target: 6, goal: 8 },
      ),
  ],
  [
    'scale',
    async () => {
      const slices = await run(await scenarios.scale());
      compare(slices, { name: '50 models loaded / 1', of: '50 models', to: '1 model, 10 keys' }, {});
      compare(slices, { name: '10,000 keys / 10', of: '10,000 keys', to: '1 model, 10 keys' }, {});
    },
  ],
];

try {
  for (const [name, measure] of parts) {
    if (only !== undefined && only !== name) continue;
    await measure();
    await scenarios.clear();
  }
} finally {
  load.stop();
  await scenarios.clear();
  rmSync(folder, { recursive: true, force: true });
}
reportFigures(figures, args);
if (args.includes('--docs')) writePage({ figures, measured, cores, rounds: standard.rounds, loadBefore });
