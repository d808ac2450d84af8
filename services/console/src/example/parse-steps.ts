import { z } from 'zod';

const step = z.object({ name: z.string(), ok: z.boolean(), ms: z.number(), detail: z.string() });
export type ExampleStep = z.infer<typeof step>;

/** Steps of a report in JSON lines; a line still being written is left out. */
export function parseSteps(text: string): ExampleStep[] {
  return text.split('\n').flatMap((line) => {
    try {
      return [step.parse(JSON.parse(line))];
    } catch {
      return [];
    }
  });
}
