import { hash } from 'node:crypto';
import { z } from 'zod';

/** Named shares of a dataset, in their order; they add up to 100 %. */
export type Shares = readonly (readonly [name: string, percent: number])[];

/** Reads `train:80,test:20`. */
export const sharesText = z.string().transform((text, check): Shares => {
  const shares = text.split(',').map((part): [string, number] => {
    const [name = '', percent = ''] = part.split(':');
    return [name.trim(), percent.trim() === '' ? Number.NaN : Number(percent)];
  });
  const names = new Set(shares.map(([name]) => name));
  const isGood = shares.every(([name, percent]) => /^[a-z][a-z0-9-]{0,30}$/.test(name) && percent > 0) && names.size === shares.length;
  const total = shares.reduce((sum, [, percent]) => sum + percent, 0);
  if (!isGood || Math.abs(total - 100) > 1e-6)
    check.addIssue({ code: 'custom', message: 'distinct names with percentages that add up to 100, for example train:80,test:20' });
  return shares;
});

const spread = 2 ** 48;

/** The share a record belongs to, by its key: always the same for the same key, shares and seed, whatever else the dataset holds. */
export function shareByHash(key: string, shares: Shares, seed: string): string {
  const point = (100 * Number.parseInt(hash('sha256', `${seed}\0${key}`, 'hex').slice(0, 12), 16)) / spread;
  return shareAt(point, shares);
}

/** The times at which one share ends and the next begins, when records are put into shares oldest first. `times` ascend. */
export function timeCuts(times: Float64Array, shares: Shares): number[] {
  let percent = 0;
  return shares.slice(0, -1).map(([, share]) => {
    percent += share;
    return times[Math.min(times.length - 1, Math.round((percent / 100) * times.length))] ?? Number.POSITIVE_INFINITY;
  });
}

/** The share of a record that happened at a time: records of one moment are never divided. */
export function shareByTime(at: number, cuts: readonly number[], shares: Shares): string {
  const index = cuts.findIndex((cut) => at < cut);
  return shares[index < 0 ? shares.length - 1 : index]![0];
}

function shareAt(point: number, shares: Shares): string {
  let end = 0;
  for (const [name, percent] of shares) {
    end += percent;
    if (point < end) return name;
  }
  return shares.at(-1)![0];
}
