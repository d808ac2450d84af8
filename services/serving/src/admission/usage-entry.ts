import { z } from 'zod';

/** KV bucket `bascule_usage`: under a gateway's id that it lives, under `<id>.<page>` what it counted for some of the keys. */
export const usageEntry = z.object({
  /** Milliseconds since 1970 by the clock of the gateway. */
  atMs: z.number(),
  /** False once it has stopped. */
  isLive: z.boolean().optional(),
  /** The day the rows belong to, in days since 1970. */
  day: z.int().optional(),
  /** Rows answered by key. */
  rows: z.record(z.string(), z.number()).optional(),
  /** Requests per second by key. */
  demand: z.record(z.string(), z.number()).optional(),
});
export type UsageEntry = z.infer<typeof usageEntry>;

const keysPerPage = 500;

/** Puts keys on pages, so that a change writes a few kilobytes and not all that was counted. */
export class UsagePages {
  private readonly pageOf = new Map<string, number>();

  /** The page of a key, the same until `clear`. */
  of(keyId: string): number {
    const known = this.pageOf.get(keyId);
    if (known !== undefined) return known;
    const page = Math.floor(this.pageOf.size / keysPerPage);
    this.pageOf.set(keyId, page);
    return page;
  }

  clear(): void {
    this.pageOf.clear();
  }
}

/** What each page says now, by its number. */
export function pagesOf(
  pages: UsagePages,
  rows: ReadonlyMap<string, number>,
  demand: ReadonlyMap<string, number>,
): Map<number, { rows: Record<string, number>; demand: Record<string, number> }> {
  const filled = new Map<number, { rows: Record<string, number>; demand: Record<string, number> }>();
  const pageFor = (keyId: string) => {
    const number = pages.of(keyId);
    const page = filled.get(number) ?? { rows: {}, demand: {} };
    filled.set(number, page);
    return page;
  };
  for (const [keyId, count] of rows) pageFor(keyId).rows[keyId] = count;
  for (const [keyId, rate] of demand) pageFor(keyId).demand[keyId] = rate;
  return filled;
}
