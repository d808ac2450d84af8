import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { inferenceFailed, inferenceTimedOut, runtimeUnavailable } from '../errors.js';
import type { Tensor } from '../inference/tensor.js';
import { faultText } from './fault-text.js';
import { encodeFrame, type Frame, type FrameHeader, FrameReader, type Graph, packTensors, unpackTensors } from './frame.js';

interface Question {
  readonly id: number;
  readonly header: FrameHeader;
  readonly body: () => Promise<readonly Uint8Array[]> | readonly Uint8Array[];
  readonly deadlineMs: number;
  readonly resolve: (frame: Frame) => void;
  readonly reject: (error: Error) => void;
  attempts: number;
}

interface LoadedModel {
  readonly bytes: () => Promise<Uint8Array>;
}

const loadDeadlineMs = 60_000;
const reloadRetryMs = 1_000;
const maxAsked = 2;

/**
 * One child process that runs models, and its supervision: questions go out in order, the one at the head has a deadline
 * after which the process is killed; the others are asked again once a new process has loaded every model.
 */
export class ModelProcess {
  private child: ChildProcess | undefined;
  private socket: Socket | undefined;
  private readonly models = new Map<string, LoadedModel>();
  private waiting: Question[] = [];
  private asked: Question[] = [];
  private timer: NodeJS.Timeout | undefined;
  private nextId = 1;
  private isSending = false;
  private isStopped = false;
  private timedOut: Question | undefined;
  restarts = 0;

  constructor(
    private readonly deadlineMs: number,
    private readonly onRestart: (reason: string) => void,
  ) {}

  get pid(): number | undefined {
    return this.child?.pid;
  }

  start(): void {
    // tests run from sources, the child always from what the compiler made of them
    const program = fileURLToPath(new URL(import.meta.url.replace(/\/src\/runtime\/[^/]*$/, '/dist/runtime/onnx.runtime.js')));
    const path = import.meta.url.endsWith('.ts') ? program : fileURLToPath(new URL('./onnx.runtime.js', import.meta.url));
    const child = spawn(process.execPath, ['--max-old-space-size=256', path], { stdio: ['ignore', 'ignore', 'inherit', 'pipe'] });
    const socket = child.stdio[3] as Socket;
    const reader = new FrameReader();
    socket.on('data', (chunk: Buffer) => {
      for (const frame of reader.push(chunk)) this.settle(frame);
    });
    socket.on('error', () => child.kill('SIGKILL'));
    child.on('error', () => undefined);
    child.once('close', (code, signal) => this.recover(child, `ended with ${signal ?? code}`));
    this.child = child;
    this.socket = socket;
  }

  /** Loads a model; `bytes` is asked again whenever a new process takes over. */
  async load(model: string, bytes: () => Promise<Uint8Array>): Promise<Graph> {
    const frame = await this.ask({ kind: 'load', model }, async () => [await bytes()], loadDeadlineMs);
    this.models.set(model, { bytes });
    return (frame.header as FrameHeader & { kind: 'loaded' }).graph;
  }

  async unload(model: string): Promise<void> {
    this.models.delete(model);
    await this.ask({ kind: 'unload', model }, () => [], loadDeadlineMs);
  }

  async run(model: string, tensors: readonly Tensor[], outputs: readonly string[]): Promise<Tensor[]> {
    const { headers, body } = packTensors(tensors);
    const frame = await this.ask({ kind: 'run', model, outputs, tensors: headers }, () => body, this.deadlineMs);
    return unpackTensors((frame.header as FrameHeader & { kind: 'ran' }).tensors, frame.body);
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    const child = this.child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const closed = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGKILL');
    await closed;
  }

  private ask(header: FrameHeader, body: Question['body'], deadlineMs: number): Promise<Frame> {
    if (this.isStopped) return Promise.reject(runtimeUnavailable());
    return new Promise((resolve, reject) => {
      this.waiting.push({ id: this.nextId++, header, body, deadlineMs, resolve, reject, attempts: 0 });
      void this.send();
    });
  }

  private async send(): Promise<void> {
    if (this.isSending) return;
    this.isSending = true;
    while (this.socket && this.asked.length < maxAsked) {
      const question = this.waiting.shift();
      if (!question) break;
      const socket = this.socket;
      let body: readonly Uint8Array[];
      try {
        const content = question.body();
        body = content instanceof Promise ? await content : content;
      } catch (error) {
        question.reject(error as Error);
        continue;
      }
      if (socket !== this.socket) {
        this.waiting.unshift(question);
        continue;
      }
      this.asked.push(question);
      if (this.asked.length === 1) this.watchHead();
      socket.cork();
      for (const part of encodeFrame(question.id, question.header, body)) socket.write(part);
      socket.uncork();
    }
    this.isSending = false;
  }

  private settle(frame: Frame): void {
    const position = this.asked.findIndex((question) => question.id === frame.id);
    const [question] = position < 0 ? [] : this.asked.splice(position, 1);
    this.watchHead();
    void this.send();
    if (!question) return;
    if (frame.header.kind === 'not-loaded') question.reject(runtimeUnavailable());
    else if (frame.header.kind === 'failed') question.reject(inferenceFailed({}, faultText(frame.header.message)));
    else question.resolve(frame);
  }

  private watchHead(): void {
    clearTimeout(this.timer);
    const [head] = this.asked;
    if (!head) return;
    this.timer = setTimeout(() => {
      this.timedOut = head;
      this.child?.kill('SIGKILL');
    }, head.deadlineMs);
  }

  private recover(child: ChildProcess, reason: string): void {
    if (child !== this.child || this.isStopped) return;
    clearTimeout(this.timer);
    this.socket = undefined;
    this.restarts++;
    const [head, ...others] = this.asked;
    const again: Question[] = [];
    if (head && head === this.timedOut) head.reject(inferenceTimedOut({ deadlineMs: head.deadlineMs }));
    // a run has no side effects: one more try costs nothing, a second death is blamed on the question
    else if (head && ++head.attempts > 1) head.reject(runtimeUnavailable({}, `the model process ${reason} on this request`));
    else if (head) again.push(head);
    again.push(...others);
    this.onRestart(head && head === this.timedOut ? `killed after ${head.deadlineMs} ms` : reason);
    this.asked = [];
    this.timedOut = undefined;
    const reloads = [...this.models].map(([model, { bytes }]) => this.reload(model, bytes));
    this.waiting = [...reloads, ...again.filter((question) => !isLoadOf(question, this.models)), ...this.waiting];
    // a child that cannot even start must not spin
    setTimeout(() => this.restart(), this.restarts > 3 ? 500 : 0);
  }

  private restart(): void {
    if (this.isStopped) return;
    this.start();
    void this.send();
  }

  private loadAgain(model: string): void {
    const known = this.models.get(model);
    if (!known || this.isStopped) return;
    this.waiting.unshift(this.reload(model, known.bytes));
    void this.send();
  }

  private reload(model: string, bytes: () => Promise<Uint8Array>): Question {
    const body = async () => [await bytes()];
    const common = { id: this.nextId++, header: { kind: 'load', model } as const, body, deadlineMs: loadDeadlineMs, attempts: 0 };
    // the store may be away for a moment: without its models the process is of no use
    const reject = () => void setTimeout(() => this.loadAgain(model), reloadRetryMs);
    return { ...common, resolve: () => undefined, reject };
  }
}

function isLoadOf({ header }: Question, models: ReadonlyMap<string, unknown>): boolean {
  return header.kind === 'load' && models.has(header.model);
}
