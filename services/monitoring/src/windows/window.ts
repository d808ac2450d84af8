import type { TimeWindow } from '@bascule/contracts';

export type Grain = 'month' | 'year';

/** A calendar month or year of `occurredAt`, UTC. */
export interface CalendarWindow {
  grain: Grain;
  from: Date;
  to: Date;
}

export function windowAt(grain: Grain, instant: Date): CalendarWindow {
  const year = instant.getUTCFullYear();
  const month = grain === 'month' ? instant.getUTCMonth() : 0;
  const to = grain === 'month' ? new Date(Date.UTC(year, month + 1)) : new Date(Date.UTC(year + 1, 0));
  return { grain, from: new Date(Date.UTC(year, month)), to };
}

/** `2002-01-01`: how a month is named in tables. */
export function monthKey(instant: Date): string {
  return windowAt('month', instant).from.toISOString().slice(0, 10);
}

export function toTimeWindow({ from, to }: Pick<CalendarWindow, 'from' | 'to'>): TimeWindow {
  return { from: from.toISOString(), to: to.toISOString() };
}

/** `January 2002` or `2002`: how a window is called in reasons. */
export function nameOf({ grain, from }: CalendarWindow): string {
  if (grain === 'year') return String(from.getUTCFullYear());
  return from.toLocaleString('en-GB', { month: 'long', year: 'numeric', timeZone: 'UTC' });
}

/** A closed window is worth another look when it grew by more than this share. */
const worthAnotherLook = 0.05;

/** Whether a window's verdict is due: never given, or given on noticeably fewer rows. */
export function isDue(countNow: number, countThen: number | undefined): boolean {
  return countThen === undefined ? countNow > 0 : countNow > countThen * (1 + worthAnotherLook);
}

const dayMs = 86_400_000;

/** How far an observation moves the watermark: a client's clock that runs ahead must not close windows early. */
export function watermarkOf(occurredAt: Date, receivedAt: Date): Date {
  return occurredAt.getTime() > receivedAt.getTime() + dayMs ? receivedAt : occurredAt;
}
