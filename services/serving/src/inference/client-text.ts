/** Characters of an id, a routing key or a record id. */
export const maxIdLength = 200;

const earliestMs = Date.UTC(1900, 0);
const aheadMs = 86_400_000;
const shownLength = 100;

/** What is wrong with an id that a client gave; nobody could store or find it. Undefined when it is fine. */
export function idFault(called: string, id: string): string | undefined {
  if (id.length > maxIdLength) return `${called} is longer than ${maxIdLength} characters`;
  const fault = textFault(id);
  return fault === undefined ? undefined : `${called} ${fault}`;
}

/** What keeps a text from being carried unchanged, as UTF-8 that may end at a NUL; undefined when nothing does. */
export function textFault(text: string): string | undefined {
  if (text.includes('\0')) return 'holds a NUL character';
  return text.isWellFormed() ? undefined : 'holds half of a surrogate pair';
}

/** A name in quotes for a message, cut so that nobody gets a megabyte of it back. */
export function quoted(name: string): string {
  return JSON.stringify(name.length > shownLength ? `${name.slice(0, shownLength)}…` : name);
}

/** True for a time that windows can be cut by: since 1900, and at most a day ahead, since clocks differ. */
export function isPlausibleTime(milliseconds: number, nowMs: number): boolean {
  return milliseconds >= earliestMs && milliseconds <= nowMs + aheadMs;
}
