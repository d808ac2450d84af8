import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { pin } from './affinity.js';

/** What to send, to whom and how long. */
export interface LoadOrder {
  /** Connections are spread over them. */
  readonly ports: readonly number[];
  /** Whole HTTP requests, sent in turn. */
  readonly requests: readonly Uint8Array[];
  readonly connections: number;
  readonly warmUpMs: number;
  readonly durationMs: number;
}

export interface LoadResult {
  readonly answered: number;
  readonly failed: number;
  /** Head of the first answer that was not 200. */
  readonly firstFailure: string;
  readonly seconds: number;
  /** Answered in the warm-up and after it, as well as that can be told: what the processor time was for. */
  readonly answeredInAll: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Share of a core that the generator itself used; near 1 it is the bottleneck. */
  readonly generatorLoad: number;
}

/** Keeps so many connections busy, each with one request at a time. */
export interface LoadGenerator {
  run(order: LoadOrder): Promise<LoadResult>;
}

/** A load generator in a process of its own, on its own core where the system lets us choose. */
export class Load implements LoadGenerator {
  private constructor(private readonly child: ChildProcess) {}

  static async start(core: number | undefined): Promise<Load> {
    const program = fileURLToPath(new URL('./load.main.js', import.meta.url));
    const child = fork(program, { serialization: 'advanced', stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    await once(child, 'spawn');
    pin(child.pid!, core);
    return new Load(child);
  }

  get pid(): number {
    return this.child.pid!;
  }

  async run(order: LoadOrder): Promise<LoadResult> {
    const gaveUp = new AbortController();
    this.child.once('exit', () => gaveUp.abort());
    const answer = once(this.child, 'message', { signal: gaveUp.signal }) as Promise<[LoadResult]>;
    this.child.send(order);
    const [result] = await answer;
    this.child.removeAllListeners('exit');
    if (result.failed > 0) throw new Error(`${result.failed} requests were not answered 200, the first:\n${result.firstFailure}`);
    return result;
  }

  stop(): void {
    this.child.disconnect();
  }
}

/** A whole HTTP request as bytes. */
export function httpRequest(path: string, headers: Readonly<Record<string, string>>, body: Uint8Array): Buffer {
  const lines = Object.entries({ ...headers, 'content-length': String(body.length) }).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n${lines.join('')}\r\n`), body]);
}
