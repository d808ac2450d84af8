import cluster, { type Worker } from 'node:cluster';
import type { Life } from './restart-pace.js';

/** Where one of several processes answers for itself. */
export interface ProcessAddresses {
  readonly url: string;
  readonly adminUrl: string;
}

/** One gateway process, seen from the parent. */
export class GatewayProcess {
  private readonly worker: Worker;
  private readonly startedAt = performance.now();
  addresses: ProcessAddresses | undefined;

  constructor(
    readonly number: number,
    env: Record<string, string>,
    on: { readonly listening: () => void; readonly end: (life: Life, code: number | null) => void },
  ) {
    this.worker = cluster.fork(env);
    closeHandedOver(this.worker);
    this.worker.on('message', (message: { kind?: string } & ProcessAddresses) => {
      if (message.kind !== 'listening') return;
      this.addresses = message;
      on.listening();
    });
    this.worker.once('exit', (code) => {
      const life = { ms: performance.now() - this.startedAt, hasListened: this.addresses !== undefined };
      this.addresses = undefined;
      on.end(life, code);
    });
  }

  get pid(): number | undefined {
    return this.worker.process.pid;
  }

  /** What its admin port answers for a path; undefined when it does not. */
  async ask(path: string): Promise<{ status: number; text: string } | undefined> {
    if (!this.addresses) return undefined;
    try {
      const response = await fetch(`${this.addresses.adminUrl}${path}`, { signal: AbortSignal.timeout(1_500) });
      return { status: response.status, text: await response.text() };
    } catch {
      return undefined;
    }
  }

  /** Asks it to stop and waits until it has ended; after `timeoutMs` it is killed. Answers the exit code. */
  async stop(timeoutMs: number): Promise<number | null> {
    const child = this.worker.process;
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    const code = await ended;
    clearTimeout(timer);
    return code;
  }
}

/**
 * Closes what was on its way to a worker when it ended. The parent keeps a connection until the worker says that it took it,
 * and a killed one never does: its client would wait for ever. One connection of each port is on its way at a time.
 */
function closeHandedOver({ process: child }: Worker): void {
  const handles = new Map<string, { close(): void }>();
  const send = child.send.bind(child) as (...parts: unknown[]) => boolean;
  child.send = (...parts: unknown[]) => {
    const [message, handle] = parts as [{ act?: string; key?: string }, { close?: () => void } | undefined];
    if (message.act === 'newconn' && message.key && handle?.close) handles.set(message.key, handle as { close(): void });
    return send(...parts);
  };
  // to close one that was taken, and so is closed, does nothing
  child.once('exit', () => {
    for (const handle of handles.values()) handle.close();
  });
}
