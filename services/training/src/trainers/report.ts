/** How a step tells how far it is. */
export interface Report {
  progress(step: string, percent: number): void;
  /** A number measured on the way. */
  metric(name: string, value: number, step: number): void;
}

const write = (line: object) => void process.stdout.write(`${JSON.stringify(line)}\n`);

/** One JSON line each, as trainer programs write them. */
export const reportToOutput: Report = {
  progress: (step, percent) => write({ type: 'progress', step, percent }),
  metric: (name, value, step) => write({ type: 'metric', name, value, step }),
};

export const noReport: Report = { progress: () => undefined, metric: () => undefined };
