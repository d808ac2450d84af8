/** How a step tells how far it is. */
export interface Report {
  progress(step: string, percent: number): void;
}

/** One JSON line each, as trainer programs write them. */
export const reportToOutput: Report = {
  progress: (step, percent) => void process.stdout.write(`${JSON.stringify({ type: 'progress', step, percent })}\n`),
};

export const noReport: Report = { progress: () => undefined };
