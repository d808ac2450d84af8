/** What the page shows of an event. */
export interface LiveEvent {
  readonly id: string;
  readonly type: string;
  readonly time: string;
  readonly subject: string;
  readonly causationId: string | null;
  readonly data: unknown;
}

/** The newest events, oldest first, at most `limit` of them. */
export function remember(events: readonly LiveEvent[], next: LiveEvent, limit: number): LiveEvent[] {
  return [...events.slice(Math.max(0, events.length + 1 - limit)), next];
}
