import { Agent, request } from 'node:http';

/** Requests that come on time, whether or not those before were answered. */
export interface OfferedLoad {
  readonly requestsPerSecond: number;
  readonly seconds: number;
  /** Connections that ask at once: requests beyond them wait, and their wait counts. */
  readonly connections: number;
}

/** What came of it; times are in milliseconds and count from when a request was due. */
export interface LoadFigures {
  readonly answeredPerSecond: number;
  readonly requestCount: number;
  /** Answers other than 200, and requests that were not answered by the end. */
  readonly failedCount: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
}

/** After so much longer than planned, what is not answered is given up. */
const patience = 1.5;
/** Before it counts; no longer than the plan lasts. */
const warmUpRequests = 50;

/** Asks an address again and again, as often as planned, with a key where it needs one. */
export async function offerLoad(
  url: string,
  body: Buffer,
  { requestsPerSecond, seconds, connections }: OfferedLoad,
  key?: string,
): Promise<LoadFigures> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const ask = () => post(url, body, { agent, timeout: seconds * patience * 1000 }, key);
  try {
    const warmUntil = performance.now() + seconds * 1000;
    for (let sent = 0; sent < warmUpRequests && performance.now() < warmUntil; sent++) await ask();
    const requestCount = Math.max(1, Math.round(requestsPerSecond * seconds));
    const startedAt = performance.now();
    const endsAt = startedAt + seconds * patience * 1000;
    const times: number[] = [];
    let next = 0;
    const connection = async (): Promise<void> => {
      while (next < requestCount && performance.now() < endsAt) {
        const dueAt = startedAt + (next++ / requestsPerSecond) * 1000;
        await until(dueAt);
        const isAnswered = await ask();
        const now = performance.now();
        if (isAnswered && now < endsAt) times.push(now - dueAt);
      }
    };
    await Promise.all(Array.from({ length: connections }, connection));
    const tookSeconds = Math.max(seconds, (performance.now() - startedAt) / 1000);
    times.sort((a, b) => a - b);
    const at = (share: number) => rounded(times[Math.min(times.length - 1, Math.ceil(share * times.length) - 1)] ?? 0);
    const quantiles = { p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99) };
    return { answeredPerSecond: rounded(times.length / tookSeconds), requestCount, failedCount: requestCount - times.length, ...quantiles };
  } finally {
    agent.destroy();
  }
}

function post(url: string, body: Buffer, options: { agent: Agent; timeout: number }, key: string | undefined): Promise<boolean> {
  const authorization = key === undefined ? {} : { authorization: `Bearer ${key}` };
  const headers = { 'content-type': 'application/json', 'content-length': body.length, ...authorization };
  return new Promise((resolve) => {
    const outgoing = request(url, { method: 'POST', headers, ...options }, (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode === 200));
      response.once('error', () => resolve(false));
    });
    outgoing.once('timeout', () => outgoing.destroy());
    outgoing.once('error', () => resolve(false));
    outgoing.end(body);
  });
}

/** Timers are too coarse for the last milliseconds. */
async function until(dueAt: number): Promise<void> {
  for (let leftMs = dueAt - performance.now(); leftMs > 0; leftMs = dueAt - performance.now()) {
    await new Promise((resolve) => (leftMs > 2 ? setTimeout(resolve, leftMs - 1) : setImmediate(resolve)));
  }
}

function rounded(value: number): number {
  return Number(value.toFixed(3));
}
