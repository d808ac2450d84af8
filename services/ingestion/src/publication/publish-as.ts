import { instant } from '@bascule/contracts';
import { z } from 'zod';

/** What a batch does to its dataset once it is accepted. */
export const publishAs = z.discriminatedUnion('mode', [
  z.object({ mode: z.literal('append') }),
  z.object({ mode: z.literal('replace') }),
  /** Takes the place of all records that happened from `from` on and before `to`. */
  z.object({ mode: z.literal('window'), from: instant, to: instant }),
  /** Takes the place of the records with the same keys. */
  z.object({ mode: z.literal('correct') }),
]);
export type PublishAs = z.infer<typeof publishAs>;

export const publishModes = ['append', 'replace', 'window', 'correct'] as const;

/** Reads it from a query. @returns the faults as text where it cannot be meant so */
export function publishAsOf({
  mode,
  from,
  to,
}: {
  mode: PublishAs['mode'];
  from?: string | undefined;
  to?: string | undefined;
}): PublishAs | string {
  if (mode !== 'window')
    return from === undefined && to === undefined ? { mode } : `from and to belong to mode=window, not to mode=${mode}`;
  if (from === undefined || to === undefined) return 'mode=window needs from and to';
  const window = { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
  return window.from < window.to ? { mode, ...window } : 'from must be before to';
}

/** Whether accepted records take the place of those in the dataset that have one of their keys, because the last one is to be kept. */
export function replacesByKey({ mode }: PublishAs, { duplicates }: { readonly duplicates: string }): boolean {
  return mode === 'append' && duplicates === 'keepLast';
}

/** Whether a time lies in the window. */
export function isWithin(at: number, { from, to }: { from: string; to: string }): boolean {
  return at >= Date.parse(from) && at < Date.parse(to);
}
