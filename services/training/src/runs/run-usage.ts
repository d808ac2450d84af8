import type { RunEntity } from './run.entity.js';

/** Midnight UTC of the day of an instant. */
export function midnightOf(instant: Date): Date {
  return new Date(Date.UTC(instant.getUTCFullYear(), instant.getUTCMonth(), instant.getUTCDate()));
}

/** True when a run brought a model worth having: the first of its name, or one that beat the champion row by row. */
export function hasWon({ status, result }: Pick<RunEntity, 'status' | 'result'>): boolean {
  if (status !== 'succeeded' || !result) return false;
  const { champion, metrics } = result;
  if (!champion) return true;
  if (champion.comparison) return champion.comparison.verdict === 'better';
  // runs of before there was a comparison row by row
  return (metrics['logLoss'] ?? Number.POSITIVE_INFINITY) < (champion.metrics['logLoss'] ?? Number.POSITIVE_INFINITY);
}

/** How many runs, newest first, did not win before one did. */
export function countLosses(newestFirst: readonly Pick<RunEntity, 'status' | 'result'>[]): number {
  const won = newestFirst.findIndex(hasWon);
  return won < 0 ? newestFirst.length : won;
}
