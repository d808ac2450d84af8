import { Cron } from 'croner';

/** When a pipeline is to be trained whatever happens. */
export interface Schedule {
  /** Five fields: minute, hour, day of the month, month, day of the week. */
  readonly cron: string;
  /** IANA name, for example `Europe/Berlin`. */
  readonly timeZone: string;
  readonly catchUp: CatchUp;
  /** Of `all`: at most so many missed times are made up for, the newest ones. */
  readonly maxCatchUp: number;
}

/** What becomes of times nobody was there for, or that a brake held: nothing, one run for all of them, or one run each. */
export type CatchUp = 'skip' | 'once' | 'all';

/** A time met within so many milliseconds was not missed: replicas look at intervals, and starting takes a while. */
export const graceMs = 60_000;

/** So many missed times are counted one by one. */
const maxCounted = 2_000;

function cronOf({ cron, timeZone }: Pick<Schedule, 'cron' | 'timeZone'>): Cron {
  return new Cron(cron, { timezone: timeZone, mode: '5-part' });
}

/** Why a schedule cannot be kept to, or undefined. */
export function faultOfSchedule(schedule: Pick<Schedule, 'cron' | 'timeZone'>): { path: 'cron' | 'timeZone'; message: string } | undefined {
  try {
    new Intl.DateTimeFormat('en', { timeZone: schedule.timeZone });
  } catch {
    return { path: 'timeZone', message: 'not an IANA time zone, for example Europe/Berlin' };
  }
  try {
    // the year 2000 was a leap year: a schedule on 29 February is found from there
    if (!cronOf(schedule).nextRun(new Date('2000-01-01T00:00:00Z'))) return { path: 'cron', message: 'names no date that exists' };
  } catch (error) {
    const text = error instanceof Error ? error.message.replace(/^CronPattern: /, '') : String(error);
    return { path: 'cron', message: `five fields as in cron, for example 0 3 * * 1; ${text}` };
  }
  return undefined;
}

/** The first time after an instant; undefined when there is none. */
export function nextFireAfter(schedule: Pick<Schedule, 'cron' | 'timeZone'>, instant: Date): Date | undefined {
  return cronOf(schedule).nextRun(instant) ?? undefined;
}

export interface DueTimes {
  /** To be weighed now, oldest first. */
  readonly fires: readonly Date[];
  /** Passed over by the catch-up policy. */
  readonly skipped:
    | { /** At least so many, when they are very many. */ readonly count: number; readonly from: Date; readonly to: Date }
    | undefined;
  /** The next time after now. */
  readonly next: Date | undefined;
}

/** Times from the first due one until now; no further than anybody wants to know. */
function countBetween(cron: Cron, firstDue: Date, now: Date): number {
  let count = 0;
  for (let at: Date | null = firstDue; at && at <= now && count < maxCounted; at = cron.nextRun(at)) count++;
  return count;
}

/** Which of the times from the first due one until now are to be weighed, and which are passed over. */
export function dueTimes(schedule: Schedule, firstDue: Date, now: Date): DueTimes {
  const cron = cronOf(schedule);
  const kept = schedule.catchUp === 'all' ? schedule.maxCatchUp : 1;
  const newest = cron
    .previousRuns(kept, new Date(now.getTime() + 1))
    .filter((time) => time >= firstDue)
    .sort((a, b) => a.getTime() - b.getTime());
  const count = countBetween(cron, firstDue, now);
  const isOnTime = (time: Date) => now.getTime() - time.getTime() <= graceMs;
  const fires = schedule.catchUp === 'skip' ? newest.filter(isOnTime) : newest;
  const skippedCount = count - fires.length;
  const last = fires[0] ?? newest.at(-1);
  const skipped = skippedCount > 0 && last ? { count: skippedCount, from: firstDue, to: last } : undefined;
  return { fires, skipped, next: cron.nextRun(now) ?? undefined };
}
