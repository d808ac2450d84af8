import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ModelSignature } from '@bascule/contracts';
import { measureMemory } from '@bascule/launcher';
import { type Figure, reportFigures } from '../figures.js';
import { chooseCores, pin } from '../serving/affinity.js';
import { type Gateway, GatewayStack } from '../serving/gateway.js';
import { httpRequest, Load } from '../serving/load.js';
import { perceptron } from '../serving/onnx-models.js';
import { jsonBodies, type Workload } from '../serving/workload.js';
import { type ArrivalResult, Arrivals, type Second } from './arrivals.js';
import { type BareGateway, startBareGateway } from './bare-gateway.js';
import { cpuSeconds } from './cpu-time.js';

// What a gateway still answers in time when more comes than it can answer, and what memory that takes.
// `--seconds N`: length of each step, default 8; the rise takes 30 seconds.

const args = process.argv.slice(2);
const at = args.indexOf('--seconds');
const stepMs = 1_000 * (at < 0 ? 8 : Number(args[at + 1]));
const connections = 2_000;
const patienceMs = 1_000;
const warmUpSeconds = 1;
/** A bare web server takes in as much as it answers in this time. */
const bareQueueSeconds = 0.4;

/** Share of the capacity that must stay. */
const target = 0.9;

function workload(modelName: string, passes: number): Workload {
  const signature: ModelSignature = {
    inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 256], kind: 'numeric' }],
    outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 10] }],
  };
  return { modelName, model: perceptron([256, 3_072, 3_072, 10], passes), signature, columns: [256], requests: 64 };
}

// What is overloaded is the model: a row costs it some milliseconds, and the gateway, which shares its core, must not take them
// from it by refusing. Beside it a model whose rows cost little more than a request, where what is turned away weighs most.
const [heavy, light] = [workload('heavy', 10), workload('light', 1)];

const folder = mkdtempSync(join(tmpdir(), 'bascule-benchmark-'));
const cores = chooseCores();
const stack = await GatewayStack.start(folder);
pin(stack.nats.process.pid!, cores?.load);
const [load, arrivals] = [await Load.start(cores?.load), await Arrivals.start(cores?.load)];
const figures: Figure[] = [];
try {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${await stack.addKeys(10)}` };
  for (const workload of [heavy, light]) await stack.route(workload);
  const gateway = await stack.startGateway(cores?.server);
  const memory = () => measureMemory([{ name: 'gateway', pid: gateway.pid }])[0]!.bytes / 1e6;
  const idleMemory = memory();
  for (const workload of [heavy, light]) figures.push(...(await measure(workload, gateway, headers, true)));
  const firstMemory = memory();
  // once more what takes the most memory: a leak would show
  await measure(light, gateway, headers, false);
  figures.push({ name: 'memory (PSS) before', value: idleMemory, unit: 'MB', better: 'lower' });
  figures.push({ name: 'memory (PSS) after all steps', value: firstMemory, unit: 'MB', better: 'lower' });
  figures.push({
    name: 'memory (PSS) after the light model once more',
    value: memory(),
    unit: 'MB',
    baseline: firstMemory,
    ratio: memory() / firstMemory,
    better: 'lower',
  });
} finally {
  load.stop();
  arrivals.stop();
  await stack.stop();
  rmSync(folder, { recursive: true, force: true });
}
reportFigures(figures, args);

/** Takes one model through all steps; `besideBare`: and, as often as it is overloaded evenly, a bare web server in front of it as well. */
async function measure(
  workload: Workload,
  gateway: Gateway,
  headers: Readonly<Record<string, string>>,
  besideBare: boolean,
): Promise<Figure[]> {
  const { modelName } = workload;
  const found: Figure[] = [];
  const requestOf = (body: Buffer) => httpRequest(`/v2/models/${modelName}/infer`, headers, body);
  const patient = jsonBodies(workload).map(requestOf);
  const requests = jsonBodies(workload).map((body) => {
    const parsed = JSON.parse(body.toString()) as object;
    return requestOf(Buffer.from(JSON.stringify({ ...parsed, parameters: { timeout: patienceMs * 1_000 } })));
  });
  const measureCapacity = async () => {
    const cpuBefore = cpuSeconds(gateway.pid);
    const { answered, seconds } = await load.run({
      ports: [gateway.port],
      requests: patient,
      connections: 64,
      warmUpMs: 1_000,
      durationMs: 3_000,
    });
    const warmedUp = (answered / seconds) * (seconds + 1);
    return { rate: answered / seconds, perCpuSecond: warmedUp / used(cpuBefore, gateway) };
  };
  let capacity = await measureCapacity();
  found.push({
    name: `${modelName}: capacity, 64 connections that wait for their answers`,
    value: capacity.rate,
    unit: '1/s',
    better: 'higher',
  });
  const bare = besideBare ? await startBare(workload, capacity.rate, patient) : undefined;
  /** Compares with what the gateway could do right before and right after: the speed of machines changes from minute to minute. */
  const step = async (name: string, from: number, to: number, durationMs: number, lastSeconds: number, wanted?: number) => {
    const before = capacity;
    const cpuBefore = cpuSeconds(gateway.pid);
    const order = { port: gateway.port, requests, connections, durationMs, patienceMs };
    const rates = { fromRate: from * before.rate, toRate: to * before.rate };
    const result = await arrivals.run({ ...order, ...rates });
    const { seconds, p99Ms } = result;
    const perCpuSecond = sum(seconds, 'good') / used(cpuBefore, gateway);
    capacity = await measureCapacity();
    const baseline = (before.rate + capacity.rate) / 2;
    const goodput = sum(seconds.slice(-lastSeconds), 'good') / lastSeconds;
    tell(`${modelName}, ${name}`, result);
    const ratio = { value: goodput, unit: '1/s', baseline, ratio: goodput / baseline, better: 'higher' as const };
    found.push({ name: `${modelName}: goodput, ${name}`, ...ratio, ...(wanted === undefined ? {} : { target: wanted }) });
    // what others take of the machine meanwhile does not show here
    const cpuBaseline = (before.perCpuSecond + capacity.perCpuSecond) / 2;
    const ofCpu = { value: perCpuSecond, unit: '1/s', baseline: cpuBaseline, ratio: perCpuSecond / cpuBaseline, better: 'higher' as const };
    if (!Number.isNaN(perCpuSecond)) found.push({ name: `${modelName}: goodput per processor second, ${name}`, ...ofCpu });
    found.push({ name: `${modelName}: p99 of those in time, ${name}`, value: p99Ms, unit: 'ms', better: 'lower' });
    if (!bare || from !== to || from <= 1) return;
    const bareCpuBefore = cpuSeconds(bare.pid);
    const ofBare = await arrivals.run({ ...order, ...rates, port: bare.port });
    const barePerCpuSecond = sum(ofBare.seconds, 'good') / used(bareCpuBefore, bare);
    tell(`${modelName}, ${name}, bare`, ofBare);
    const bareGoodput = sum(ofBare.seconds.slice(-lastSeconds), 'good') / lastSeconds;
    const common = { unit: '1/s', better: 'higher' as const };
    const against = (value: number, baseline: number) => ({ ...common, value, baseline, ratio: value / baseline });
    found.push({ name: `${modelName}: goodput against bare node:http, ${name}`, ...against(goodput, bareGoodput) });
    if (!Number.isNaN(perCpuSecond)) {
      const title = `${modelName}: goodput per processor second against bare node:http, ${name}`;
      found.push({ name: title, ...against(perCpuSecond, barePerCpuSecond) });
    }
  };
  for (const factor of [1, 2, 5]) {
    const lastSeconds = stepMs / 1_000 - warmUpSeconds;
    await step(times(factor), factor, factor, stepMs, lastSeconds, factor === 1 ? undefined : target);
  }
  bare?.stop();
  await step('rising tenfold in 30 s, its last ten seconds', 0.5, 5, 30_000, 10, target);
  return found;
}

function times(factor: number): string {
  return `${factor} x capacity, ${connections} connections`;
}

async function startBare(workload: Workload, rate: number, requests: Buffer[]): Promise<BareGateway> {
  const bare = await startBareGateway(folder, workload, { mostRows: Math.round(rate * bareQueueSeconds), core: cores?.server });
  // as warm as the gateway
  await load.run({ ports: [bare.port], requests, connections: 64, warmUpMs: 1_000, durationMs: 3_000 });
  return bare;
}

function tell(what: string, { seconds, generatorLoad }: ArrivalResult): void {
  const shares = (['late', 'shed', 'unsent', 'other'] as const).map((kind) => `${kind} ${sum(seconds, kind)}`).join(', ');
  const counts = `${sum(seconds, 'arrived')} arrived, ${sum(seconds, 'good')} in time, ${shares}`;
  process.stdout.write(`${what}: ${counts}; generator ${generatorLoad.toFixed(2)}\n`);
  const strange = seconds.find(({ firstOther }) => firstOther)?.firstOther;
  if (strange) process.stdout.write(`  the first other answer: ${strange.split('\r\n')[0]}\n`);
}

function used(before: number | undefined, gateway: Gateway): number {
  return (cpuSeconds(gateway.pid) ?? Number.NaN) - (before ?? Number.NaN);
}

function sum(seconds: readonly Second[], kind: Exclude<keyof Second, 'firstOther'>): number {
  return seconds.reduce((total, second) => total + second[kind], 0);
}
