import { type StepLine, stepLine } from '../trainers/steps.js';

/** A line of one of our own programs that speaks of a step. */
export function stepOf(line: string): StepLine | undefined {
  if (!line.startsWith('{"type":"step"')) return undefined;
  try {
    return stepLine.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

/** Keeps what steps say, one after another; what cannot be kept is lost, the run is not. */
export class StepLog {
  private keeping: Promise<void> = Promise.resolve();

  /** @param onLost told of what could not be kept */
  constructor(
    private readonly keep: (line: StepLine) => Promise<void>,
    private readonly onLost: (error: unknown) => void,
  ) {}

  /** True when the line spoke of a step. */
  take(line: string): boolean {
    const step = stepOf(line);
    if (step) this.keeping = this.keeping.then(() => this.keep(step)).catch(this.onLost);
    return step !== undefined;
  }

  /** Resolves when all of it is kept or lost. */
  async settled(): Promise<void> {
    await this.keeping;
  }
}
