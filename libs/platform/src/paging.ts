import { z } from 'zod';
import { invalidCursor } from './errors.js';
import { unreadableTexts } from './readable-text.js';

/** Query of every list: `?limit&cursor`. */
export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(500).default(50),
  cursor: z.string().min(1).max(1000).optional(),
});
export type PageQuery = z.infer<typeof pageQuery>;

export interface Page<Item> {
  readonly items: Item[];
  /** Give it as `cursor` to read on; null on the last page. */
  readonly nextCursor: string | null;
}

/** The form of a page, for the API description. */
export function pageSchema<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() });
}

/** Makes a page from up to `limit + 1` rows: the row beyond the limit only tells that there are more. */
export function pageOf<Item>(items: readonly Item[], limit: number, cursorOf: (last: Item) => unknown): Page<Item> {
  const shown = items.slice(0, limit);
  const last = shown.at(-1);
  const hasMore = items.length > limit && last !== undefined;
  return { items: shown, nextCursor: hasMore ? encodeCursor(cursorOf(last)) : null };
}

/** Writes a keyset position as an opaque cursor. */
export function encodeCursor(position: unknown): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

/** Reads a cursor back; anything this list did not give out is `platform.invalid_cursor`. */
export function decodeCursor<Schema extends z.ZodType>(cursor: string, schema: Schema): z.infer<Schema> {
  const parsed = schema.safeParse(jsonOf(cursor));
  if (!parsed.success || unreadableTexts(parsed.data).length > 0) throw invalidCursor();
  return parsed.data;
}

function jsonOf(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    return undefined;
  }
}
