import { z } from 'zod';

export const whyAnswer = z.object({
  id: z.string(),
  kind: z.string(),
  chain: z.array(
    z.object({
      time: z.string(),
      type: z.string(),
      eventId: z.string(),
      place: z.enum(['cause', 'itself', 'effect']).optional(),
      summary: z.string(),
    }),
  ),
});
export type WhyAnswer = z.infer<typeof whyAnswer>;

/** Events that follow one another closely and say the same are told once. */
function merged(chain: WhyAnswer['chain']): (WhyAnswer['chain'][number] & { times: number })[] {
  const told: (WhyAnswer['chain'][number] & { times: number })[] = [];
  for (const step of chain) {
    const last = told.at(-1);
    if (last && last.summary === step.summary && last.place === step.place) last.times++;
    else told.push({ ...step, times: 1 });
  }
  return told;
}

const headings = { cause: 'How it came to this:', itself: 'This is it:', effect: 'What came of it:' } as const;

/** A chain of causes as a person would tell it, from the first cause to the last effect. */
export function tellStory({ id, kind, chain }: WhyAnswer): string {
  const lines = [`${kind} ${id}`];
  let heading: string | undefined;
  let day = '';
  for (const { time, place, summary, times } of merged(chain)) {
    const next = headings[place ?? 'cause'];
    if (next !== heading) lines.push('', next);
    const today = time.slice(0, 10);
    if (today !== day || next !== heading) lines.push(`  ${today}`);
    heading = next;
    day = today;
    lines.push(`    ${time.slice(11, 19)}  ${summary}${times > 1 ? ` (${times} times)` : ''}`);
  }
  return lines.join('\n');
}
