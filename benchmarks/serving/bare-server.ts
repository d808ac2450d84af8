import cluster from 'node:cluster';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fastify } from 'fastify';
import { InferenceSession, Tensor } from 'onnxruntime-node';

// What a team would write first: Fastify, one route, onnxruntime in the same process. Nothing is checked, counted or kept.
// BATCHED=1 runs what arrived within one turn of the event loop together; PROCESSES=2 takes turns on one port in so many processes.

interface Request {
  readonly inputs: readonly [{ readonly shape: readonly number[]; readonly data: readonly number[] }];
}
interface Waiting {
  readonly data: Float32Array;
  readonly resolve: (answer: Row) => void;
}
interface Row {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

const maxRows = 32;
const { MODEL_FILES = '', BATCHED, PROCESSES = '1' } = process.env;
const options: InferenceSession.SessionOptions = { intraOpNumThreads: 1, interOpNumThreads: 1 };
const sessions = new Map<string, InferenceSession>();
const waiting = new Map<InferenceSession, Waiting[]>();

async function runAlone(session: InferenceSession, { shape, data }: Request['inputs'][0]): Promise<Row> {
  const { y } = await session.run({ x: new Tensor('float32', Float32Array.from(data), shape) });
  return { shape: y!.dims, data: Array.from(y!.data as Float32Array) };
}

function runTogether(session: InferenceSession, { shape, data }: Request['inputs'][0]): Promise<Row> {
  return new Promise((resolve) => {
    const queue = waiting.get(session);
    const item = { data: Float32Array.from(data), resolve };
    if (queue) return void queue.push(item);
    waiting.set(session, [item]);
    setImmediate(() => void drain(session, shape.slice(1)));
  });
}

async function drain(session: InferenceSession, axes: readonly number[]): Promise<void> {
  const queue = waiting.get(session) ?? [];
  waiting.delete(session);
  for (let from = 0; from < queue.length; from += maxRows) {
    const batch = queue.slice(from, from + maxRows);
    const width = batch[0]!.data.length;
    const rows = new Float32Array(batch.length * width);
    for (const [row, { data }] of batch.entries()) rows.set(data, row * width);
    const { y } = await session.run({ x: new Tensor('float32', rows, [batch.length, ...axes]) });
    const results = y!.data as Float32Array;
    const length = results.length / batch.length;
    for (const [row, { resolve }] of batch.entries()) {
      resolve({ shape: [1, ...y!.dims.slice(1)], data: Array.from(results.subarray(row * length, (row + 1) * length)) });
    }
  }
}

const server = fastify({ bodyLimit: 16_000_000 });
const run = BATCHED ? runTogether : runAlone;
server.post<{ Params: { model: string }; Body: Request }>('/v2/models/:model/infer', async (request) => {
  const { model } = request.params;
  const row = await run(sessions.get(model)!, request.body.inputs[0]);
  return { model_name: model, outputs: [{ name: 'y', datatype: 'FP32', ...row }] };
});

async function answer(): Promise<string> {
  for (const file of MODEL_FILES.split(',')) {
    const [name, path] = file.split('=') as [string, string];
    sessions.set(name, await InferenceSession.create(readFileSync(path), options));
  }
  return server.listen({ port: 0, host: '127.0.0.1' });
}

async function answerInProcesses(count: number): Promise<string> {
  const ports = Array.from({ length: count }, async () => {
    const [{ port }] = (await once(cluster.fork(), 'listening')) as [{ readonly port: number }];
    return port;
  });
  return `http://127.0.0.1:${(await Promise.all(ports))[0]}`;
}

if (cluster.isWorker) {
  await answer();
} else {
  const processes = Number(PROCESSES);
  process.stdout.write(`${await (processes > 1 ? answerInProcesses(processes) : answer())}\n`);
  process.stdin.on('end', () => process.exit(0)).resume();
}
