import { fork } from 'node:child_process';
import { createServer, type ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import type { Batch, BatchAnswer } from './bare-model.main.js';

// What refusing costs at least where a web server does it: node:http in front of the same model in a process of its own. Once MOST_ROWS
// wait, the next is answered 503 from a constant, its body unread. Nobody is asked who they are, nothing is checked, counted or kept.

interface Waiting {
  readonly data: readonly number[];
  readonly response: ServerResponse;
}

const maxRows = 32;
const maxRuns = 2;
const { MODEL_FILE = '', MOST_ROWS = '0' } = process.env;
const mostRows = Number(MOST_ROWS);
const refusal = Buffer.from(JSON.stringify({ error: 'More requests wait than can be answered in time.' }));
const refusalHead = ['content-type', 'application/json', 'retry-after', '1', 'content-length', String(refusal.length)];

const model = fork(fileURLToPath(new URL('./bare-model.main.js', import.meta.url)), [MODEL_FILE], { serialization: 'advanced' });
let queue: Waiting[] = [];
const running: Waiting[][] = [];
/** Bodies of those let in that have not come. */
let coming = 0;
let isScheduled = false;

function startRuns(): void {
  isScheduled = false;
  while (queue.length > 0 && running.length < maxRuns) {
    const batch = queue.slice(0, maxRows);
    queue = queue.slice(maxRows);
    const width = batch[0]!.data.length;
    const data = new Float32Array(batch.length * width);
    for (const [row, item] of batch.entries()) data.set(item.data, row * width);
    running.push(batch);
    model.send({ rows: batch.length, width, data } satisfies Batch);
  }
}

function schedule(): void {
  if (isScheduled) return;
  isScheduled = true;
  setImmediate(startRuns);
}

model.on('message', ({ data }: BatchAnswer) => {
  const batch = running.shift()!;
  const width = data.length / batch.length;
  for (const [row, { response }] of batch.entries()) {
    const output = { name: 'y', datatype: 'FP32', shape: [1, width], data: Array.from(data.subarray(row * width, (row + 1) * width)) };
    const text = JSON.stringify({ model_name: 'bare', outputs: [output] });
    response.writeHead(200, ['content-type', 'application/json', 'content-length', String(Buffer.byteLength(text))]);
    response.end(text);
  }
  schedule();
});

const server = createServer((request, response) => {
  if (coming + queue.length + running.length * maxRows >= mostRows) {
    response.writeHead(503, refusalHead);
    response.end(refusal);
    return;
  }
  coming++;
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('close', () => coming--);
  request.on('end', () => {
    const { inputs } = JSON.parse(Buffer.concat(chunks).toString()) as { inputs: [{ data: number[] }] };
    queue.push({ data: inputs[0].data, response });
    schedule();
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`${typeof address === 'object' ? address?.port : ''}\n`);
});
process.stdin.on('end', () => process.exit(0)).resume();
