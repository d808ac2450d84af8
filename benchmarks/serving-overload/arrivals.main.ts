import { type Answer, LoadConnection } from '../serving/load-connection.js';
import type { ArrivalOrder, ArrivalResult, Second } from './arrivals.js';

process.on('message', (order: ArrivalOrder) => {
  void generate(order).then((result) => process.send?.(result));
});
process.on('disconnect', () => process.exit(0));

const tickMs = 2;

interface Waiting {
  readonly arrivedAt: number;
  readonly second: Second;
}

async function generate(order: ArrivalOrder): Promise<ArrivalResult> {
  const { port, requests, connections, fromRate, toRate, durationMs, patienceMs } = order;
  const texts = requests.map((bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  const seconds: Second[] = Array.from({ length: Math.ceil(durationMs / 1000) }, () => ({
    arrived: 0,
    good: 0,
    late: 0,
    shed: 0,
    unsent: 0,
    other: 0,
    firstOther: '',
  }));
  const latencies: number[] = [];
  const free: LoadConnection[] = [];
  const sent = new Map<LoadConnection, Waiting>();
  let waiting: Waiting[] = [];
  let next = 0;

  const onAnswer = (connection: LoadConnection, { status, head }: Answer) => {
    const asked = sent.get(connection);
    sent.delete(connection);
    if (!asked) return;
    const tookMs = performance.now() - asked.arrivedAt;
    if (status === 200 && tookMs <= patienceMs) {
      asked.second.good++;
      latencies.push(tookMs);
    } else if (status === 200) asked.second.late++;
    else if (status === 429 || status === 503) asked.second.shed++;
    else {
      asked.second.other++;
      asked.second.firstOther ||= head;
    }
    if (status !== 0) free.push(connection);
  };
  const dispatch = () => {
    const now = performance.now();
    let taken = 0;
    for (const asked of waiting) {
      if (now - asked.arrivedAt > patienceMs) asked.second.unsent++;
      else {
        const connection = free.pop();
        if (!connection) break;
        sent.set(connection, asked);
        connection.send(texts[next++ % texts.length]!);
      }
      taken++;
    }
    waiting = waiting.slice(taken);
  };

  for (let index = 0; index < connections; index++) free.push(await LoadConnection.open(port, onAnswer));
  const open = [...free];
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  let arrived = 0;
  for (let now = startedAt; now - startedAt < durationMs; now = performance.now()) {
    const passedMs = now - startedAt;
    // the integral of a rate that changes evenly
    const due = (fromRate * passedMs + ((toRate - fromRate) * passedMs * passedMs) / (2 * durationMs)) / 1000;
    const second = seconds[Math.floor(passedMs / 1000)]!;
    for (; arrived < due; arrived++) {
      second.arrived++;
      waiting.push({ arrivedAt: now, second });
    }
    dispatch();
    await new Promise((resolve) => setTimeout(resolve, tickMs));
  }
  const giveUpAt = performance.now() + patienceMs + 1_000;
  while ((waiting.length > 0 || sent.size > 0) && performance.now() < giveUpAt) {
    dispatch();
    await new Promise((resolve) => setTimeout(resolve, tickMs));
  }
  for (const { second } of sent.values()) second.late++;
  const cpu = process.cpuUsage(cpuBefore);
  for (const connection of open) connection.close();
  latencies.sort((a, b) => a - b);
  const quantile = (p: number) => latencies[Math.min(latencies.length - 1, Math.floor(p * latencies.length))] ?? Number.NaN;
  const generatorLoad = (cpu.user + cpu.system) / 1e3 / (performance.now() - startedAt);
  return { seconds, p50Ms: quantile(0.5), p99Ms: quantile(0.99), generatorLoad };
}
