import type { BasculeError } from '@bascule/platform';
import { deadlineExceeded, inferenceFailed, inferenceTimedOut, modelCrashed, modelMemoryExceeded, runtimeUnavailable } from '../errors.js';
import type { Tensor } from '../inference/tensor.js';
import type { ExecutionProvider } from './execution-providers.js';
import { faultText } from './fault-text.js';
import { encodeFrame, type Frame, type FrameHeader, type Graph, packTensors, unpackTensors } from './frame.js';
import type { RunMeter } from './hosted-model.js';
import { ModelChild } from './model-child.runtime.js';
import { processorMs } from './processor-time.js';

/** Where the bytes of a model come from; asked again whenever a new process takes over. */
export type ModelBytes = () => Promise<Uint8Array>;

export interface ProcessSettings {
  /** A run that takes longer is killed with its process. */
  readonly deadlineMs: number;
  readonly providers: readonly ExecutionProvider[];
  readonly onRestart: (reason: string) => void;
}

interface Question {
  readonly id: number;
  readonly header: FrameHeader;
  readonly body: () => Promise<readonly Uint8Array[]> | readonly Uint8Array[];
  readonly deadlineMs: number;
  /** True when nobody waits for the answer any more. */
  readonly isAbandoned?: (() => boolean) | undefined;
  /** After so long an abandoned run is taken for one that does not end; undefined when nobody knows what is usual. */
  readonly patienceMs?: number | undefined;
  readonly resolve: (frame: Frame) => void;
  readonly reject: (error: Error) => void;
  attempts: number;
}

const loadDeadlineMs = 60_000;
/** How many times as long as expected an abandoned run may take while others wait, and how long in any case. */
const patienceTimes = 8;
const leastPatienceMs = 500;
const abandonedCheckMs = 50;
/** Processor time that it must have used meanwhile: one that the system gives none does not hang. */
const workedMs = 200;
const reloadRetryMs = 1_000;
/** On their way to the child at the same time; whoever asks decides how many of them wait. */
const maxAsked = 8;

/**
 * A process that runs models, and its supervision: questions go out in order, the one at the head has a deadline
 * after which the process is killed; the others are asked again once a new process has loaded every model.
 */
export class ModelProcess {
  private child: ModelChild | undefined;
  private readonly models = new Map<string, ModelBytes>();
  private waiting: Question[] = [];
  private asked: Question[] = [];
  private timer: NodeJS.Timeout | undefined;
  /** The run that takes too long, and the processor time of its process when that was seen. */
  private suspect: { readonly question: Question; readonly usedMs: number } | undefined;
  private nextId = 1;
  private isSending = false;
  private isStopped = false;
  /** The question for which the process was killed, and what its asker is told. */
  private blamed: { readonly question: Question | undefined; readonly error: BasculeError; readonly reason: string } | undefined;
  restarts = 0;
  unloads = 0;

  constructor(private readonly settings: ProcessSettings) {}

  get pid(): number | undefined {
    return this.child?.pid;
  }

  get isIdle(): boolean {
    return this.waiting.length === 0 && this.asked.length === 0 && !this.isSending;
  }

  start(): void {
    const child: ModelChild = new ModelChild(this.settings.providers, {
      frame: (frame) => this.settle(frame),
      end: (reason) => this.recover(child, reason),
    });
    this.child = child;
  }

  async load(model: string, bytes: ModelBytes): Promise<Graph> {
    const frame = await this.ask({ kind: 'load', model }, async () => [await bytes()], loadDeadlineMs);
    this.models.set(model, bytes);
    return (frame.header as FrameHeader & { kind: 'loaded' }).graph;
  }

  async unload(model: string): Promise<void> {
    this.models.delete(model);
    this.unloads++;
    await this.ask({ kind: 'unload', model }, () => [], loadDeadlineMs);
  }

  async run(model: string, tensors: readonly Tensor[], outputs: readonly string[], meter?: RunMeter): Promise<Tensor[]> {
    const { headers, body } = packTensors(tensors);
    const frame = await this.ask({ kind: 'run', model, outputs, tensors: headers }, () => body, this.settings.deadlineMs, meter);
    const header = frame.header as FrameHeader & { kind: 'ran' };
    if (meter) meter.ms = header.ms;
    return unpackTensors(header.tensors, frame.body);
  }

  /** Ends the child because it takes too much memory; who asked what it works on is told so. */
  killForMemory(bytes: number): void {
    const [question] = this.asked;
    this.kill(question, modelMemoryExceeded({ bytes }), `killed with ${bytes} bytes in memory`);
  }

  /** Ends the process for good; whoever still waits for it is told that it is not available. */
  async stop(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    for (const { reject } of [...this.asked.splice(0), ...this.waiting.splice(0)]) reject(runtimeUnavailable());
    await this.child?.end();
  }

  private ask(header: FrameHeader, body: Question['body'], deadlineMs: number, meter: RunMeter = {}): Promise<Frame> {
    if (this.isStopped) return Promise.reject(runtimeUnavailable());
    const { isAbandoned, expectedMs } = meter;
    const patienceMs = expectedMs ? Math.max(leastPatienceMs, patienceTimes * expectedMs) : undefined;
    return new Promise((resolve, reject) => {
      this.waiting.push({ id: this.nextId++, header, body, deadlineMs, isAbandoned, patienceMs, resolve, reject, attempts: 0 });
      void this.send();
    });
  }

  private async send(): Promise<void> {
    if (this.isSending) return;
    this.isSending = true;
    while (this.child && !this.isStopped && this.asked.length < maxAsked) {
      const question = this.waiting.shift();
      if (!question) break;
      if (isDropped(question)) continue;
      const { child } = this;
      let body: readonly Uint8Array[];
      try {
        const content = question.body();
        body = content instanceof Promise ? await content : content;
      } catch (error) {
        question.reject(error as Error);
        continue;
      }
      if (this.isStopped) {
        question.reject(runtimeUnavailable());
        continue;
      }
      if (child !== this.child) {
        this.waiting.unshift(question);
        continue;
      }
      this.asked.push(question);
      if (this.asked.length === 1) this.watchHead();
      child.send(encodeFrame(question.id, question.header, body));
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
    if (head) this.watch(head, performance.now());
  }

  private watch(head: Question, since: number): void {
    const { deadlineMs, patienceMs = deadlineMs } = head;
    const elapsedMs = performance.now() - since;
    if (elapsedMs >= deadlineMs) {
      this.kill(head, inferenceTimedOut({ deadlineMs }), `killed after ${deadlineMs} ms`);
      return;
    }
    // what nobody waits for any more is not to hold up those who do; to start the process again costs them as well
    const isOverdue = elapsedMs >= patienceMs;
    if (isOverdue && head.isAbandoned?.() && this.asked.length + this.waiting.length > 1 && this.hasWorked(head)) {
      const tookMs = Math.round(elapsedMs);
      this.kill(head, inferenceTimedOut({ deadlineMs: tookMs }), `killed after ${tookMs} ms: nobody waits for its run, others do`);
      return;
    }
    const nextMs = isOverdue ? abandonedCheckMs : Math.min(patienceMs, deadlineMs) - elapsedMs;
    this.timer = setTimeout(() => this.watch(head, since), Math.min(nextMs, deadlineMs - elapsedMs));
  }

  /** False while the process waits for the system: killed, it would have to load its models as well, with as little time. */
  private hasWorked(question: Question): boolean {
    const usedMs = this.pid === undefined ? undefined : processorMs(this.pid);
    if (usedMs === undefined) return true;
    if (this.suspect?.question !== question) this.suspect = { question, usedMs };
    return usedMs - this.suspect.usedMs >= workedMs;
  }

  private kill(question: Question | undefined, error: BasculeError, reason: string): void {
    this.blamed ??= { question, error, reason };
    this.child?.kill();
  }

  private recover(child: ModelChild, ended: string): void {
    if (child !== this.child || this.isStopped) return;
    clearTimeout(this.timer);
    this.child = undefined;
    this.restarts++;
    const { question: culprit, error, reason } = this.blamed ?? { question: this.asked[0], error: undefined, reason: ended };
    const again = this.asked.filter((question) => question !== culprit);
    if (culprit && error) culprit.reject(error);
    // a run has no side effects: one more try costs nothing, a second death is blamed on the question
    else if (culprit && ++culprit.attempts > 1) culprit.reject(modelCrashed({}, `The process of the model ${ended} on this request.`));
    else if (culprit) again.unshift(culprit);
    this.settings.onRestart(reason);
    this.asked = [];
    this.blamed = undefined;
    const reloads = [...this.models].map(([model, bytes]) => this.reload(model, bytes));
    this.waiting = [...reloads, ...again.filter((question) => !isLoadOf(question, this.models)), ...this.waiting].filter(
      (question) => !isDropped(question),
    );
    // a child that cannot even start must not spin
    setTimeout(() => this.restart(), this.restarts > 3 ? 500 : 0);
  }

  private restart(): void {
    if (this.isStopped) return;
    this.start();
    void this.send();
  }

  private loadAgain(model: string): void {
    const bytes = this.models.get(model);
    if (!bytes || this.isStopped) return;
    this.waiting.unshift(this.reload(model, bytes));
    void this.send();
  }

  private reload(model: string, bytes: ModelBytes): Question {
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

/** Tells a question that nobody waits for any more that it is not asked (again): it may be one that never ends. */
function isDropped({ isAbandoned, reject }: Question): boolean {
  if (!isAbandoned?.()) return false;
  reject(deadlineExceeded({}, 'Nobody waits for the answer any more.'));
  return true;
}
