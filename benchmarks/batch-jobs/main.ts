import { chmodSync, createReadStream, createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { type Figure, reportFigures } from '../figures.js';
import { logisticRegression } from '../serving/onnx-models.js';
import { seededNormal } from '../serving/random.js';
import type { Workload } from '../serving/workload.js';
import { ServingStack } from './serving.js';

// A million rows of a CSV through a model: a bare loop of onnxruntime over rows in memory, and over the file as a script would do it,
// against batch jobs, in the same run; every row of the results is compared with the bare loop.

interface Job {
  readonly jobId: string;
  readonly status: string;
  readonly reason: string | null;
  readonly rows: { readonly done: number; readonly failed: number };
}

const rows = Number(process.env['ROWS'] ?? 1_000_000);
const columns = 10;
const names = Array.from({ length: columns }, (_, at) => `f${at}`);
const model: Workload = {
  modelName: 'logistic-regression',
  model: logisticRegression(columns),
  signature: {
    inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, columns], kind: 'numeric', columns: names }],
    outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 2] }],
  },
  columns: [columns],
  requests: 0,
};
const folder = mkdtempSync(join(tmpdir(), 'bascule-benchmark-'));
// PostgreSQL runs as another user where we are root
chmodSync(folder, 0o711);
const file = join(folder, 'rows.csv');
const batchRows = 1_000;
const options = { intraOpNumThreads: 1, interOpNumThreads: 1 };

/** Writes the file; answers the same numbers in memory. */
async function writeRows(): Promise<Float32Array> {
  const next = seededNormal(5);
  const values = new Float32Array(rows * columns);
  function* lines() {
    yield `id,${names.join(',')}\n`;
    for (let row = 0; row < rows; row++) {
      const cells = Array.from({ length: columns }, (_, at) => {
        const cell = next().toFixed(4);
        values[row * columns + at] = Number(cell);
        return cell;
      });
      yield `r${row + 1},${cells.join(',')}\n`;
    }
  }
  await pipeline(Readable.from(lines()), createWriteStream(file));
  return values;
}

/** Answers of a bare loop over rows in memory, and how many rows it did per second. */
async function bareLoop(values: Float32Array): Promise<{ answers: Float32Array; rate: number }> {
  const session = await InferenceSession.create(model.model, options);
  const answers = new Float32Array(rows * 2);
  const startedAt = performance.now();
  for (let row = 0; row < rows; row += batchRows) {
    const count = Math.min(batchRows, rows - row);
    const { y } = await session.run({
      x: new Tensor('float32', values.subarray(row * columns, (row + count) * columns), [count, columns]),
    });
    answers.set(y!.data as Float32Array, row * 2);
  }
  const rate = rows / ((performance.now() - startedAt) / 1000);
  await session.release();
  return { answers, rate };
}

/** Rows per second of what a script does: read the file line by line, run, write a file. Nothing is checked, kept or resumed. */
async function script(): Promise<number> {
  const session = await InferenceSession.create(model.model, options);
  const startedAt = performance.now();
  async function* results() {
    let ids: string[] = [];
    let cells: number[] = [];
    const flush = async () => {
      const { y } = await session.run({ x: new Tensor('float32', Float32Array.from(cells), [ids.length, columns]) });
      const data = y!.data as Float32Array;
      const text = ids.map((id, row) => `${id},${data[row * 2]},${data[row * 2 + 1]}\n`).join('');
      ids = [];
      cells = [];
      return text;
    };
    let isHeader = true;
    for await (const line of createInterface({ input: createReadStream(file) })) {
      const [id, ...rest] = line.split(',');
      if (!isHeader) {
        ids.push(id!);
        for (const cell of rest) cells.push(Number(cell));
        if (ids.length === batchRows) yield await flush();
      }
      isHeader = false;
    }
    if (ids.length > 0) yield await flush();
  }
  await pipeline(results(), createWriteStream(join(folder, 'script.csv')));
  await session.release();
  return rows / ((performance.now() - startedAt) / 1000);
}

/** Runs a job to its end: rows per second from the first byte sent to the result, and the most memory seen on the way. */
async function runJob(stack: ServingStack, query: string): Promise<{ job: Job; rate: number; peakBytes: number }> {
  const startedAt = performance.now();
  const response = await fetch(`${stack.processes[0]!.url}/v1/models/${model.modelName}/batch-jobs?id=id&output=csv&${query}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${stack.token}`, 'content-type': 'text/csv', 'content-length': String(statSync(file).size) },
    body: Readable.toWeb(createReadStream(file)) as ReadableStream,
    duplex: 'half',
  } as RequestInit);
  let job = (await response.json()) as Job;
  if (response.status !== 202) throw new Error(JSON.stringify(job));
  let peakBytes = 0;
  while (!['succeeded', 'failed', 'cancelled'].includes(job.status)) {
    await wait(250);
    peakBytes = Math.max(peakBytes, stack.memoryBytes());
    job = await stack.get<Job>(`/v1/batch-jobs/${job.jobId}`);
  }
  process.stderr.write(
    `${query}: ${job.rows.done} rows in ${((performance.now() - startedAt) / 1000).toFixed(1)} s, ${Math.round(peakBytes / 1e6)} MB at most\n`,
  );
  if (job.status !== 'succeeded') throw new Error(job.reason ?? job.status);
  return { job, rate: rows / ((performance.now() - startedAt) / 1000), peakBytes };
}

/** Compares every row of the results with the bare loop. */
async function compare(stack: ServingStack, { jobId }: Job, answers: Float32Array): Promise<void> {
  const response = await fetch(`${stack.processes[0]!.url}/v1/batch-jobs/${jobId}/result`, {
    headers: { authorization: `Bearer ${stack.token}` },
  });
  let row = -1;
  for await (const line of createInterface({ input: Readable.fromWeb(response.body as never) })) {
    if (row >= 0) {
      const [number, id, , first, second] = line.split(',');
      const isSame = Math.abs(Number(first) - answers[row * 2]!) < 1e-6 && Math.abs(Number(second) - answers[row * 2 + 1]!) < 1e-6;
      if (Number(number) !== row + 1 || id !== `r${row + 1}` || !isSame) throw new Error(`row ${row + 1} differs: ${line}`);
    }
    row++;
  }
  if (row !== rows) throw new Error(`${row} results for ${rows} rows`);
}

const values = await writeRows();
const bare = await bareLoop(values);
const scriptRate = await script();
const figures: Figure[] = [
  { name: 'bare loop, rows in memory', value: bare.rate, unit: 'rows/s', better: 'higher' },
  { name: 'script, file to file', value: scriptRate, unit: 'rows/s', better: 'higher' },
];
const stack = await ServingStack.start(folder);
try {
  await stack.add('control,gateway');
  await stack.promote(model);
  const idleBytes = stack.memoryBytes();
  for (const [name, query] of [
    ['batch job, rows captured', 'capture=on'],
    ['batch job, capture off', 'capture=off'],
  ] as const) {
    const { job, rate, peakBytes } = await runJob(stack, query);
    await compare(stack, job, bare.answers);
    figures.push({ name, value: rate, unit: 'rows/s', baseline: scriptRate, ratio: rate / scriptRate, better: 'higher' });
    figures.push({
      name: `${name}: peak memory (PSS)`,
      value: peakBytes / 1e6,
      unit: 'MB',
      baseline: idleBytes / 1e6,
      ratio: peakBytes / idleBytes,
      better: 'lower',
    });
  }
  await stack.add('gateway');
  const { job, rate } = await runJob(stack, 'capture=off');
  await compare(stack, job, bare.answers);
  figures.push({
    name: 'batch job, capture off, two gateways',
    value: rate,
    unit: 'rows/s',
    baseline: scriptRate,
    ratio: rate / scriptRate,
    better: 'higher',
  });
} finally {
  await stack.stop();
  rmSync(folder, { recursive: true, force: true });
}
reportFigures(figures, process.argv.slice(2));
