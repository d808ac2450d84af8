import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { compiledModules } from './compiled-modules.js';

export interface ProcessOptions {
  /** In addition to PATH and what makes modules load fast. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Of node. */
  readonly flags?: readonly string[];
}

/** What a service said of itself as it began to listen. */
export interface Listening {
  readonly url: string;
  readonly adminUrl: string;
  /** Of those that answer gRPC, else empty. */
  readonly grpcUrl: string;
}

export interface ServiceProcess extends Listening {
  readonly pid: number;
  isRunning(): boolean;
  /** Returns its exit code, null for one that a signal ended, once it is gone; may be called again. */
  kill(signal?: NodeJS.Signals): Promise<number | null>;
}

/** Starts a service as a process of its own, that a test can kill at any moment. @throws when it ends before it listens */
export async function spawnService(program: string, { env, flags = [] }: ProcessOptions): Promise<ServiceProcess> {
  const child = spawn(process.execPath, [...flags, program], {
    env: { PATH: process.env['PATH'], PORT: '0', ADMIN_PORT: '0', ...compiledModules, ...env, LOG_LEVEL: 'info' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = new Promise<number | null>((resolve) => child.once('close', resolve));
  const kill = (signal: NodeJS.Signals = 'SIGKILL') => {
    child.kill(signal);
    return closed;
  };
  const isRunning = () => child.exitCode === null && child.signalCode === null;
  let grpcUrl = '';
  const told: string[] = [];
  const listening = new Promise<Listening>((resolve, reject) => {
    // read to its end: a process whose log nobody takes would wait
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (told.length < 1_000) told.push(line);
      if (!line.startsWith('{')) return;
      const entry = JSON.parse(line) as { msg?: string; url?: string; adminUrl?: string; grpcUrl?: string };
      grpcUrl = entry.grpcUrl ?? grpcUrl;
      if (entry.msg === 'listening' && entry.url && entry.adminUrl) resolve({ url: entry.url, adminUrl: entry.adminUrl, grpcUrl });
    });
    void closed.then(() => reject(new Error(`the service ended before it listened: ${told.slice(-5).join('\n')}`)));
  });
  return { ...(await listening), pid: child.pid as number, isRunning, kill };
}
