import type { Promotion } from './promotions-api';

const words: Record<string, string> = {
  requested: 'waits for votes',
  waiting: 'waits for a freeze to end',
  approved: 'rollout under way',
  'rolled-back': 'rolled back',
};
const tones: Record<string, string> = { completed: 'tag good', 'rolled-back': 'tag bad', aborted: 'tag bad', refused: 'tag bad' };

/** What became of a promotion, in words. A refusal tells whether somebody took it back, or nobody decided in time. */
export function outcomeOf({ status, reasons }: Pick<Promotion, 'status' | 'reasons'>): { text: string; tag: string } {
  if (status === 'refused' && reasons.some((reason) => reason.startsWith('withdrawn by '))) return { text: 'withdrawn', tag: 'tag' };
  if (status === 'refused' && reasons.some((reason) => reason.startsWith('nothing was decided'))) return { text: 'expired', tag: 'tag' };
  return { text: words[status] ?? status, tag: tones[status] ?? 'tag' };
}
