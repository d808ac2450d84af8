/** What ordering needs to know of an event. */
export interface Caused {
  readonly index: number;
  readonly time: Date;
  readonly eventId: string;
  readonly causationId: string | null;
}

/** Orders events as they happened: by their time, and a cause before its effect where clocks tie or disagree. */
export function inCausalOrder<Event extends Caused>(events: readonly Event[]): Event[] {
  const byTime = [...events].sort((a, b) => a.time.getTime() - b.time.getTime() || a.index - b.index);
  const waiting = new Map(byTime.map((event) => [event.eventId, event]));
  const ordered: Event[] = [];
  const tell = (event: Event) => {
    if (!waiting.delete(event.eventId)) return;
    const cause = event.causationId === null ? undefined : waiting.get(event.causationId);
    if (cause) tell(cause);
    ordered.push(event);
  };
  for (const event of byTime) tell(event);
  return ordered;
}
