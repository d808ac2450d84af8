import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import { endProcess, isRunning } from './child-process.js';
import { ensureNatsServer } from './nats-binary.js';
import { findFreePort } from './ports.js';

export interface NatsOptions {
  /** Where JetStream keeps its streams. */
  storeDir: string;
  port?: number;
  /** Path of a configuration file; it must not set port, host or store directory. */
  configFile?: string;
  onLog?: (text: string) => void;
  /** Told when nats-server has to be installed first. */
  tell?: (text: string) => void;
  onProcess?: (child: ChildProcess) => void;
}

export interface NatsServer {
  readonly port: number;
  readonly url: string;
  readonly storeDir: string;
  readonly process: ChildProcess;
  /** Ends the server at once, as a crash would. */
  kill(): Promise<void>;
  /** Stops it if it runs, and starts it again on the same port and store. */
  restart(): Promise<void>;
  stop(): Promise<void>;
  /** Copies the store aside, as it is on disk now. */
  copyStore(to: string): void;
  /** Puts a copy back; only while the server is down. What was stored since is gone, like unsynced writes after a power cut. */
  restoreStore(from: string): void;
}

/** Resolves when the server greets, which it does once it accepts clients. */
function greets(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1' });
    const settle = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(1_000, () => settle(false));
    socket.once('error', () => settle(false));
    socket.once('data', (data) => settle(data.toString().startsWith('INFO ')));
  });
}

/** Starts a nats-server of our own with JetStream, on 127.0.0.1 only. */
export async function startNats(options: NatsOptions): Promise<NatsServer> {
  const program = ensureNatsServer(options.tell);
  const port = options.port ?? (await findFreePort());
  mkdirSync(options.storeDir, { recursive: true, mode: 0o700 });

  async function launch(): Promise<ChildProcess> {
    const args = ['-a', '127.0.0.1', '-p', String(port), '-js', '-sd', options.storeDir];
    if (options.configFile) args.push('-c', options.configFile);
    const launched = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], detached: true });
    let recent = '';
    launched.stderr?.on('data', (chunk: Buffer) => {
      recent = (recent + chunk.toString()).slice(-2_000);
      options.onLog?.(chunk.toString());
    });
    await new Promise((resolve, reject) => launched.once('spawn', resolve).once('error', reject));
    options.onProcess?.(launched);
    const deadline = Date.now() + 30_000;
    while (!(await greets(port))) {
      if (!isRunning(launched)) throw new Error(`nats-server stopped while starting: ${recent.trim()}`);
      if (Date.now() > deadline) {
        launched.kill('SIGKILL');
        throw new Error(`nats-server does not answer on port ${port}: ${recent.trim()}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return launched;
  }

  let child = await launch();
  return {
    port,
    url: `nats://127.0.0.1:${port}`,
    storeDir: options.storeDir,
    get process() {
      return child;
    },
    kill: () => endProcess(child, 'SIGKILL'),
    restart: async () => {
      await endProcess(child, 'SIGTERM');
      child = await launch();
    },
    stop: () => endProcess(child, 'SIGTERM'),
    copyStore: (to) => cpSync(options.storeDir, to, { recursive: true }),
    restoreStore: (from) => {
      if (isRunning(child)) throw new Error('stop nats-server before its store is put back');
      rmSync(options.storeDir, { recursive: true, force: true });
      cpSync(from, options.storeDir, { recursive: true });
    },
  };
}
