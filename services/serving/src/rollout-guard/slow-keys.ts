import { quantileOf, type Recent, type RecentKind, slowerThan } from './recent-answers.js';

/** By how much an answer has to be late to be slow. */
export interface SlowBy {
  readonly factor: number;
  readonly marginUs: number;
}

/** Fewer answers of the champion tell nothing of what is usual for their kind. */
const minUsual = 10;
const minOfKey = 5;
const minOfOthers = 3;

/**
 * Is a version slow for more than one client and its inputs? Each answer is held against those of the champion to inputs of about the same
 * size, of the same key where there are enough. Without the key that has most of the slow answers the others must have them as well,
 * where there are others.
 * @param slowShare of the answers that have to be slow
 */
export function isSlowForOthers(version: Recent, champion: Recent, by: SlowBy, slowShare: number): boolean {
  if (!version.kinds || !champion.kinds) return true;
  const counts = [...countsByKey(version.kinds, champion.kinds, by).values()].sort((a, b) => b.slow - a.slow);
  const [first, ...others] = counts;
  if (!first || first.asked < minOfKey || first.slow < slowShare * first.asked) return false;
  const asked = others.reduce((sum, count) => sum + count.asked, 0);
  const slow = others.reduce((sum, count) => sum + count.slow, 0);
  return asked < minOfOthers || slow >= slowShare * asked;
}

function countsByKey(version: readonly RecentKind[], champion: readonly RecentKind[], by: SlowBy) {
  const counts = new Map<string, { asked: number; slow: number }>();
  for (const kind of version) {
    const usual = usualOf(kind, champion);
    if (usual === undefined) continue;
    const count = counts.get(kind.keyId) ?? { asked: 0, slow: 0 };
    count.asked += sumOf(kind.latency);
    count.slow += slowerThan(kind, Math.max(usual * by.factor, usual + by.marginUs));
    counts.set(kind.keyId, count);
  }
  return counts;
}

/** Nineteen in twenty of the champion's answers to such requests took less; undefined when too few are known. */
function usualOf({ keyId, sizeClass }: RecentKind, champion: readonly RecentKind[]): number | undefined {
  const alike = champion.filter((kind) => kind.sizeClass === sizeClass);
  const own = alike.filter((kind) => kind.keyId === keyId);
  const enough = [own, alike].map(latencyOfAll).find((latency) => sumOf(latency) >= minUsual);
  return enough && quantileOf({ latency: enough }, 0.95);
}

function latencyOfAll(kinds: readonly RecentKind[]): number[] {
  const all: number[] = [];
  for (const { latency } of kinds)
    latency.forEach((count, bin) => {
      while (all.length <= bin) all.push(0);
      all[bin]! += count;
    });
  return all;
}

function sumOf(latency: readonly number[]): number {
  return latency.reduce((sum, count) => sum + count, 0);
}
