import type { NewRunEvent } from '../runs/run-events.service.js';
import { progressLine } from '../trainer-programs/program-job.schema.js';

/** What a line of a trainer says: JSON lines of the protocol, and plain lines for the log. */
export function eventOf(line: string, from: 'output' | 'errors', attempt: number): NewRunEvent {
  const text = storable(line);
  const parsed = from === 'output' && text.startsWith('{') ? progressLine.safeParse(parse(text)) : undefined;
  if (!parsed?.success) return { kind: 'log', attempt, data: { level: from === 'errors' ? 'warn' : 'info', message: text } };
  const { type, ...data } = parsed.data;
  return { kind: type, attempt, data };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

// PostgreSQL keeps neither: a program may write anything
function storable(line: string): string {
  return line.replaceAll('\0', '\uFFFD').toWellFormed();
}

const kept = 10_000;
const flushMs = 250;

/** Keeps what an attempt tells, in batches; of an attempt that talks too much, the beginning. */
export class RunLog {
  private waiting: NewRunEvent[] = [];
  private count = 0;
  private timer: NodeJS.Timeout | undefined;
  private storing: Promise<void> = Promise.resolve();

  /** @param store keeps events in their order; what it cannot keep is lost, the run is not */
  constructor(
    private readonly attempt: number,
    private readonly store: (events: readonly NewRunEvent[]) => Promise<void>,
  ) {}

  take(line: string, from: 'output' | 'errors'): void {
    this.count++;
    if (this.count > kept) return;
    const isLast = this.count === kept;
    const cut: NewRunEvent = { kind: 'log', attempt: this.attempt, data: { level: 'warn', message: 'more lines are not kept' } };
    this.waiting.push({ ...(isLast ? cut : eventOf(line, from, this.attempt)), at: new Date() });
    this.timer ??= setTimeout(() => void this.flush(), flushMs).unref();
  }

  /** Stores what waits; resolves when all of it is stored or lost. */
  async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const events = this.waiting;
    this.waiting = [];
    if (events.length > 0) this.storing = this.storing.then(() => this.store(events)).catch(() => undefined);
    await this.storing;
  }
}
