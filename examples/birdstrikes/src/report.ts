import { appendFileSync } from 'node:fs';
import type { Step } from './steps/step.js';
import type { Story } from './story.js';

export interface StepResult {
  readonly name: string;
  readonly ok: boolean;
  readonly ms: number;
  readonly detail: string;
}

/** Runs a step, prints one line, and appends the result to the report as a JSON line. */
export async function runStep(number: number, step: Step, story: Story, reportFile: string | undefined): Promise<StepResult> {
  const startedAt = performance.now();
  const result = await step.run(story).then(
    (detail) => ({ ok: true, detail }),
    (error: Error) => ({ ok: false, detail: error.message }),
  );
  const outcome: StepResult = { name: step.name, ms: Math.round(performance.now() - startedAt), ...result };
  const seconds = `${(outcome.ms / 1000).toFixed(1)} s`.padStart(7);
  process.stdout.write(
    `${outcome.ok ? 'ok  ' : 'FAIL'} ${number} ${step.title}${' '.repeat(Math.max(1, 68 - step.title.length))}${seconds}\n       ${outcome.detail}\n`,
  );
  if (reportFile) appendFileSync(reportFile, `${JSON.stringify(outcome)}\n`);
  return outcome;
}
