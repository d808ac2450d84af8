/** How a step tells how far it is. */
export interface Report {
  progress(step: string, percent: number): void;
  /** A number measured on the way. */
  metric(name: string, value: number, step: number): void;
}

const write = (line: object) => void process.stdout.write(`${JSON.stringify(line)}\n`);

/** Seconds that are left when the rest takes as long as what is done did; undefined while too little is done to say. */
export function secondsLeftAfter(elapsedSeconds: number, percent: number): number | undefined {
  if (percent < 10 || percent > 100) return undefined;
  return Math.round((elapsedSeconds * (100 - percent)) / percent);
}

const startedAt = performance.now();

/** One JSON line each, as trainer programs write them. */
export const reportToOutput: Report = {
  progress: (step, percent) => {
    const secondsLeft = secondsLeftAfter((performance.now() - startedAt) / 1000, percent);
    write({ type: 'progress', step, percent, ...(secondsLeft === undefined ? {} : { secondsLeft }) });
  },
  metric: (name, value, step) => write({ type: 'metric', name, value, step }),
};

export const noReport: Report = { progress: () => undefined, metric: () => undefined };
