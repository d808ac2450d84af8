import type { LoadOrder, LoadResult } from './load.js';
import { type Answer, LoadConnection } from './load-connection.js';

// The load generator, a process of its own: connections that send the next request as soon as they have an answer.

process.on('message', (order: LoadOrder) => {
  void generate(order).then((result) => process.send?.(result));
});
process.on('disconnect', () => process.exit(0));

async function generate(order: LoadOrder): Promise<LoadResult> {
  const { ports, requests, connections, warmUpMs, durationMs } = order;
  const latencies = new Float64Array(4_000_000);
  const texts = requests.map((bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  let next = 0;
  let answered = 0;
  let failed = 0;
  let firstFailure = '';
  let isCounting = false;
  let isOver = false;
  const open: LoadConnection[] = [];
  const send = (connection: LoadConnection) => connection.send(texts[next++ % texts.length]!);
  const onAnswer = (connection: LoadConnection, { status, head, latencyMs }: Answer) => {
    if (status !== 200) {
      failed++;
      firstFailure ||= head;
    } else if (isCounting && answered < latencies.length) latencies[answered++] = latencyMs;
    if (!isOver) send(connection);
  };
  for (let index = 0; index < connections; index++) open.push(await LoadConnection.open(ports[index % ports.length]!, onAnswer));
  for (const connection of open) send(connection);
  await sleep(warmUpMs);
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  isCounting = true;
  await sleep(durationMs);
  isCounting = false;
  const seconds = (performance.now() - startedAt) / 1000;
  const cpu = process.cpuUsage(cpuBefore);
  isOver = true;
  for (const connection of open) connection.close();
  const sorted = latencies.subarray(0, answered).sort();
  const quantile = (p: number) => sorted[Math.min(answered - 1, Math.floor(p * answered))] ?? Number.NaN;
  const generatorLoad = (cpu.user + cpu.system) / 1e6 / seconds;
  // the warm-up costs processor time as well: its requests by its share of the time
  const answeredInAll = answered * ((warmUpMs + durationMs) / durationMs);
  return { answered, answeredInAll, failed, firstFailure, seconds, p50Ms: quantile(0.5), p99Ms: quantile(0.99), generatorLoad };
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
