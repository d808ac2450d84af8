import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { measureMemory } from '@bascule/launcher';
import { type Figure, reportFigures } from '../figures.js';
import { chooseCores, pin } from './affinity.js';
import { startBare } from './bare.js';
import { GatewayStack } from './gateway.js';
import { httpRequest, Load } from './load.js';
import { type Contestant, interleave, median, medianRatio, type Slice } from './slices.js';
import { jsonBodies, type Workload, workloads } from './workload.js';

const args = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'bascule-benchmark-'));
const cores = chooseCores();
const stack = await GatewayStack.start(folder);
pin(stack.nats.process.pid!, cores?.load);
const load = await Load.start(cores?.load);
const figures: Figure[] = [];

const token = await stack.addKeys(10);
const models = [workloads.logisticRegression(), workloads.treeEnsemble(), workloads.perceptron()];
for (const model of models) await stack.route(model);
const single = await startBare(folder, models, { isBatched: false, core: cores?.server });
const batched = await startBare(folder, models, { isBatched: true, core: cores?.server });
const gateway = await stack.startGateway(cores?.server);
const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
const requestsOf = (model: Workload) => jsonBodies(model).map((body) => httpRequest(`/v2/models/${model.modelName}/infer`, headers, body));
try {
  for (const model of models.slice(0, Number(process.env['MODELS'] ?? 3))) {
    const requests = requestsOf(model);
    const contestants: Contestant[] = [
      { name: 'bare', ports: [single.port], pids: [single.pid], requests },
      { name: 'batched', ports: [batched.port], pids: [batched.pid], requests },
      { name: 'gateway', ports: [gateway.port], pids: [gateway.pid], requests },
    ];
    const slices = await interleave(load, contestants, { rounds: 5, connections: 32, warmUpMs: 300, durationMs: 1_500 });
    for (const [name, list] of slices) {
      const of = (pick: (slice: Slice) => number) => median(list.map(pick)).toFixed(2);
      process.stdout.write(
        `${model.modelName} ${name}: ${of((s) => s.requestsPerSecond)}/s cpu ${of((s) => s.cpuUs ?? 0)} us p50 ${of((s) => s.p50Ms)} p99 ${of((s) => s.p99Ms)} generator ${of((s) => s.generatorLoad)}\n`,
      );
    }
    const [a, b, c] = ['bare', 'batched', 'gateway'].map((name) => slices.get(name)!);
    figures.push({
      name: `${model.modelName}: gateway / bare`,
      value: median(c!.map((s) => s.requestsPerSecond)),
      unit: '1/s',
      baseline: median(a!.map((s) => s.requestsPerSecond)),
      ratio: medianRatio(c!, a!),
      better: 'higher',
      target: 1,
    });
    figures.push({
      name: `${model.modelName}: gateway / batched`,
      value: median(c!.map((s) => s.requestsPerSecond)),
      unit: '1/s',
      baseline: median(b!.map((s) => s.requestsPerSecond)),
      ratio: medianRatio(c!, b!),
      better: 'higher',
      target: 0.7,
    });
  }
  for (const { name, bytes } of measureMemory([
    { name: 'gateway', pid: gateway.pid },
    { name: 'bare', pid: single.pid },
  ]))
    figures.push({ name: `memory (PSS) of ${name}`, value: bytes / 1e6, unit: 'MB', better: 'lower' });
} finally {
  load.stop();
  single.stop();
  batched.stop();
  await stack.stop();
  rmSync(folder, { recursive: true, force: true });
}
reportFigures(figures, args);
