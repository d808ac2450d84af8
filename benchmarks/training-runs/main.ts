import { randomUUID } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { driftDetected } from '@bascule/contracts';
import { type Figure, reportFigures } from '../figures.js';
import { Ended, until } from '../service-stack.js';
import { listFigures } from './run-lists.js';
import { TrainingStack } from './training.js';

// What the service adds to a training, and how it keeps up with reasons to train.

const runCount = Number(process.env['RUNS'] ?? 9);
const modelCount = 200;
const triggerCount = Number(process.env['TRIGGERS'] ?? 10_000);
const patienceMs = 240_000;

interface Run {
  readonly status: string;
  readonly requestedAt: string;
  readonly finishedAt: string | null;
}
interface Step {
  readonly name: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
}

const recipe = {
  datasetName: 'claims',
  features: [
    { name: 'amount', kind: 'numeric' },
    { name: 'kind', kind: 'categorical' },
  ],
  label: { column: 'paid', positive: [1] },
};
const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
const seconds = (from: string, to: string) => (Date.parse(to) - Date.parse(from)) / 1000;

async function runOnce(stack: TrainingStack, reuse: boolean): Promise<{ whole: number; fit: number }> {
  const { runId } = await stack.call<{ runId: string }>('POST', 'pipelines/claims/runs', { reuse });
  let run: Run | undefined;
  await until(
    async () => {
      run = await stack.call<Run>('GET', `runs/${runId}`);
      return run.finishedAt !== null;
    },
    50,
    patienceMs,
  );
  if (run!.status !== 'succeeded') throw new Error(`a run ended as ${run!.status}`);
  const { items } = await stack.call<{ items: Step[] }>('GET', `runs/${runId}/steps`);
  const train = items.find(({ name }) => name === 'train')!;
  return { whole: seconds(run!.requestedAt, run!.finishedAt!), fit: reuse ? 0 : seconds(train.startedAt!, train.finishedAt!) };
}

/** From the request to the end of a run, less the time of its fit. */
async function overheadFigures(stack: TrainingStack): Promise<Figure[]> {
  await stack.call('POST', 'pipelines', { name: 'claims', modelName: 'claims', ...recipe, triggers: { onFirstDataset: false } });
  await stack.publishDataset('claims', 5_000);
  await until(async () => (await stack.call<{ runId: string }>('POST', 'pipelines/claims/runs', {})).runId !== '', 50, patienceMs);
  await until(
    async () => {
      const { items } = await stack.call<{ items: (Run & { reason: string | null })[] }>('GET', 'runs');
      if (items[0]?.status === 'failed') throw new Ended(`the first run failed: ${items[0].reason}`);
      return items[0]?.status === 'succeeded';
    },
    50,
    patienceMs,
  );
  const fresh: number[] = [];
  const reused: number[] = [];
  for (let run = 0; run < runCount; run++) {
    const { whole, fit } = await runOnce(stack, false);
    fresh.push(whole - fit);
    reused.push((await runOnce(stack, true)).whole);
  }
  return [
    { name: 'service overhead per run (median)', value: median(fresh), unit: 's', better: 'lower', target: 3 },
    { name: 'service overhead per run (worst)', value: Math.max(...fresh), unit: 's', better: 'lower', target: 3 },
    { name: 'run whose inputs did not change (median)', value: median(reused), unit: 's', better: 'lower' },
  ];
}

/** Drift events of many models, all at once: until every one is decided on. */
async function triggerFigures(stack: TrainingStack): Promise<Figure[]> {
  const models = Array.from({ length: modelCount }, (_, at) => `model-${at}`);
  for (const modelName of models) {
    const triggers = { onFirstDataset: false, onDrift: 'auto', minNewLabelledRows: 1_000_000 };
    await stack.call('POST', 'pipelines', { name: modelName, modelName, ...recipe, trainer: 'prior', triggers });
  }
  const drift = { method: 'psi', score: 0.5, expectedNoise: 0.1, threshold: 0.25, currentCount: 700, referenceCount: 3000, reasons: [] };
  const startedAt = performance.now();
  const usedBefore = stack.processorSeconds();
  const publish = async (at: number) => {
    const window = { from: '2030-01-01T00:00:00Z', to: '2030-02-01T00:00:00Z' };
    const data = {
      reportId: randomUUID(),
      modelName: models[at % modelCount]!,
      version: 1,
      window,
      features: [{ feature: 'amount', ...drift }],
    };
    await stack.publisher.publishEvent({ definition: driftDetected, data });
  };
  for (let at = 0; at < triggerCount; at += 500) await Promise.all(Array.from({ length: 500 }, (_, next) => publish(at + next)));
  const reader = async () => stack.connection.jsm.consumers.info('MONITORING', 'training-drift-detected-v1');
  await until(
    async () => {
      const { num_pending: pending, num_ack_pending: unsettled } = await reader();
      return pending + unsettled === 0;
    },
    200,
    patienceMs,
  );
  const took = (performance.now() - startedAt) / 1000;
  const used = (stack.processorSeconds() ?? Number.NaN) - (usedBefore ?? 0);
  const { delivered } = await reader();
  const dead = await stack.connection.jsm.streams.info('DEAD_LETTER').then(({ state }) => state.messages);
  let decided = 0;
  for (const modelName of models) {
    const { items } = await stack.call<{ items: unknown[] }>('GET', `triggers?pipeline=${modelName}`);
    if (items.length > 0) decided++;
  }
  return [
    { name: `${triggerCount} triggers of ${modelCount} models decided`, value: took, unit: 's', better: 'lower', target: 60 },
    ...(Number.isNaN(used)
      ? []
      : [{ name: 'processor time of the service per trigger', value: (1000 * used) / triggerCount, unit: 'ms', better: 'lower' as const }]),
    { name: 'triggers read', value: Math.min(delivered.consumer_seq, triggerCount), unit: '', better: 'higher', target: triggerCount },
    { name: 'triggers given up on', value: dead, unit: '', better: 'lower', target: 0 },
    { name: 'models with a decision on record', value: decided, unit: '', better: 'higher', target: modelCount },
  ];
}

const folder = mkdtempSync(join(tmpdir(), 'bascule-benchmark-'));
// as root, PostgreSQL runs as a user of its own and has to get through
chmodSync(folder, 0o711);
try {
  const stack = await TrainingStack.start(folder);
  try {
    const parts = { overhead: overheadFigures, triggers: triggerFigures, lists: listFigures };
    const [only] = parseArgs({ options: { only: { type: 'string' }, json: { type: 'string' } } }).values.only?.split(',') ?? [];
    const figures: Figure[] = [];
    for (const [name, measure] of Object.entries(parts)) if (!only || only === name) figures.push(...(await measure(stack)));
    reportFigures(figures, process.argv.slice(2));
  } finally {
    await stack.stop();
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
