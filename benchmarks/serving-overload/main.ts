import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { measureMemory } from '@bascule/launcher';
import { type Figure, reportFigures } from '../figures.js';
import { chooseCores, pin } from '../serving/affinity.js';
import { GatewayStack } from '../serving/gateway.js';
import { httpRequest, Load } from '../serving/load.js';
import { perceptron } from '../serving/onnx-models.js';
import { jsonBodies, type Workload } from '../serving/workload.js';
import { type ArrivalResult, Arrivals, type Second } from './arrivals.js';

// What a gateway still answers in time when more comes than it can answer, and what memory that takes.
// `--seconds N`: length of each step, default 8; the rise takes 30 seconds.

const args = process.argv.slice(2);
const at = args.indexOf('--seconds');
const stepMs = 1_000 * (at < 0 ? 8 : Number(args[at + 1]));
const connections = 2_000;
const patienceMs = 1_000;
const warmUpSeconds = 1;

// each row costs the model more than its request costs the gateway, so that it is the model that cannot keep up
const model: Workload = {
  modelName: 'heavy',
  model: perceptron([256, 3_072, 3_072, 10]),
  signature: {
    inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 256], kind: 'numeric' }],
    outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 10] }],
  },
  columns: [256],
  requests: 64,
};

const folder = mkdtempSync(join(tmpdir(), 'bascule-benchmark-'));
const cores = chooseCores();
const stack = await GatewayStack.start(folder);
pin(stack.nats.process.pid!, cores?.load);
const [load, arrivals] = [await Load.start(cores?.load), await Arrivals.start(cores?.load)];
const figures: Figure[] = [];
try {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${await stack.addKeys(10)}` };
  await stack.route(model);
  const gateway = await stack.startGateway(cores?.server);
  const requestOf = (body: Buffer) => httpRequest(`/v2/models/${model.modelName}/infer`, headers, body);
  const patient = jsonBodies(model).map(requestOf);
  const requests = jsonBodies(model).map((body) => {
    const parsed = JSON.parse(body.toString()) as object;
    return requestOf(Buffer.from(JSON.stringify({ ...parsed, parameters: { timeout: patienceMs * 1_000 } })));
  });
  const memory = () => measureMemory([{ name: 'gateway', pid: gateway.pid }])[0]!.bytes / 1e6;
  const run = (fromRate: number, toRate: number, durationMs: number): Promise<ArrivalResult> =>
    arrivals.run({ port: gateway.port, requests, connections, fromRate, toRate, durationMs, patienceMs });

  const measureCapacity = async () => {
    const { answered, seconds } = await load.run({
      ports: [gateway.port],
      requests: patient,
      connections: 64,
      warmUpMs: 1_000,
      durationMs: 3_000,
    });
    return answered / seconds;
  };
  const idleMemory = memory();
  let capacity = await measureCapacity();
  figures.push({ name: 'capacity: 64 connections, each waiting for its answer', value: capacity, unit: '1/s', better: 'higher' });
  /** Compares with what the gateway could do right before and right after: the speed of machines changes from minute to minute. */
  const step = async (name: string, from: number, to: number, durationMs: number, lastSeconds: number, target?: number) => {
    const before = capacity;
    const { seconds, p99Ms, generatorLoad } = await run(from * before, to * before, durationMs);
    capacity = await measureCapacity();
    const baseline = (before + capacity) / 2;
    const goodput = sum(seconds.slice(-lastSeconds), 'good') / lastSeconds;
    const shares = (['late', 'shed', 'unsent', 'other'] as const).map((kind) => `${kind} ${sum(seconds, kind)}`).join(', ');
    process.stdout.write(
      `${name}: ${sum(seconds, 'arrived')} arrived, ${sum(seconds, 'good')} in time, ${shares}; generator ${generatorLoad.toFixed(2)}\n`,
    );
    const strange = seconds.find(({ firstOther }) => firstOther)?.firstOther;
    if (strange) process.stdout.write(`  the first other answer: ${strange.split('\r\n')[0]}\n`);
    const ratio = { value: goodput, unit: '1/s', baseline, ratio: goodput / baseline, better: 'higher' as const };
    figures.push({ name: `goodput, ${name}`, ...ratio, ...(target === undefined ? {} : { target }) });
    figures.push({ name: `p99 of those in time, ${name}`, value: p99Ms, unit: 'ms', better: 'lower' });
  };
  for (const times of [1, 2, 5]) {
    const lastSeconds = stepMs / 1_000 - warmUpSeconds;
    await step(`${times} x capacity, ${connections} connections`, times, times, stepMs, lastSeconds, times === 1 ? undefined : 0.9);
  }
  await step('rising tenfold in 30 s, its last ten seconds', 0.5, 5, 30_000, 10, 0.9);
  figures.push({ name: 'memory (PSS) before', value: idleMemory, unit: 'MB', better: 'lower' });
  figures.push({
    name: 'memory (PSS) after',
    value: memory(),
    unit: 'MB',
    baseline: idleMemory,
    ratio: memory() / idleMemory,
    better: 'lower',
  });
} finally {
  load.stop();
  arrivals.stop();
  await stack.stop();
  rmSync(folder, { recursive: true, force: true });
}
reportFigures(figures, args);

function sum(seconds: readonly Second[], kind: Exclude<keyof Second, 'firstOther'>): number {
  return seconds.reduce((total, second) => total + second[kind], 0);
}
