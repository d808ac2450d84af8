import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { ExecutionProvider } from './execution-providers.js';
import { type Frame, FrameReader } from './frame.js';
import { endFirst } from './process-memory.js';

/** What the child may know of the environment: how to find libraries and devices, no address and no secret. */
const passedOn = /^(PATH|HOME|LANG|LC_\w+|TZ|TMPDIR|(DY)?LD_LIBRARY_PATH|CUDA_\w+|NVIDIA_\w+|ORT_\w+)$/;

/** A running child process that computes models, and the socket to it. */
export class ModelChild {
  private readonly child: ChildProcess;
  private readonly socket: Socket;

  constructor(
    providers: readonly ExecutionProvider[],
    private readonly on: { readonly frame: (frame: Frame) => void; readonly end: (reason: string) => void },
  ) {
    // tests run from sources, the child always from what the compiler made of them
    const compiled = import.meta.url.replace(/\/src\/runtime\/[^/]*$/, '/dist/runtime/');
    const program = fileURLToPath(new URL('./onnx.runtime.js', import.meta.url.endsWith('.ts') ? compiled : import.meta.url));
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => passedOn.test(name)));
    this.child = spawn(process.execPath, ['--max-old-space-size=256', program, ...providers], {
      env,
      stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
    });
    this.socket = this.child.stdio[3] as Socket;
    const reader = new FrameReader();
    this.socket.on('data', (chunk: Buffer) => {
      for (const frame of reader.push(chunk)) this.on.frame(frame);
    });
    this.socket.on('error', () => this.kill());
    this.child.on('error', () => undefined);
    this.child.once('close', (code, signal) => this.on.end(`ended with ${signal ?? code}`));
    if (this.child.pid !== undefined) endFirst(this.child.pid);
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  send(parts: readonly Uint8Array[]): void {
    this.socket.cork();
    for (const part of parts) this.socket.write(part);
    this.socket.uncork();
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }

  /** Kills it and waits until it is gone. */
  async end(): Promise<void> {
    if (this.hasEnded || this.child.pid === undefined) return;
    const closed = new Promise((resolve) => this.child.once('close', resolve));
    this.kill();
    await closed;
  }
}
