/** Characters of an id, a routing key or a record id. */
export const maxIdLength = 200;

const earliestMs = Date.UTC(1900, 0);
const aheadMs = 86_400_000;

/** What is wrong with an id that a client gave; nobody could store or find it. Undefined when it is fine. */
export function idFault(called: string, id: string): string | undefined {
  if (id.length > maxIdLength) return `${called} is longer than ${maxIdLength} characters`;
  if (id.includes('\0')) return `${called} holds a NUL character`;
  return id.isWellFormed() ? undefined : `${called} holds half of a surrogate pair`;
}

/** True for a time that windows can be cut by: since 1900, and at most a day ahead, since clocks differ. */
export function isPlausibleTime(milliseconds: number, nowMs: number): boolean {
  return milliseconds >= earliestMs && milliseconds <= nowMs + aheadMs;
}
