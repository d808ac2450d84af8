import type { Story } from '../story.js';

/** One step of the story: does its work through public APIs, reads the result back, returns it in a sentence. */
export interface Step {
  readonly name: string;
  readonly title: string;
  run(story: Story): Promise<string>;
}

/** Stops the step with a reason when the result is not what the story promises. */
export function hold(condition: boolean, otherwise: string): asserts condition {
  if (!condition) throw new Error(otherwise);
}

export const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
export const count = (value: number) => value.toLocaleString('en-US');
