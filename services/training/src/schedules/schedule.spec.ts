import { describe, expect, it } from 'vitest';
import { dueTimes, faultOfSchedule, nextFireAfter, type Schedule } from './schedule.js';

const hourly: Schedule = { cron: '0 * * * *', timeZone: 'UTC', catchUp: 'skip', maxCatchUp: 3 };
const at = (text: string) => new Date(`2026-05-01T${text}:00Z`);
const due = (catchUp: Schedule['catchUp'], first: string, now: string) => {
  const { fires, skipped, next } = dueTimes({ ...hourly, catchUp }, at(first), at(now));
  return {
    fires: fires.map((time) => time.toISOString().slice(11, 16)),
    skipped: skipped?.count ?? 0,
    next: next?.toISOString().slice(11, 16),
  };
};

describe('a schedule', () => {
  it('keeps to the clock of its zone through summer time', () => {
    const berlin = { cron: '0 3 * * *', timeZone: 'Europe/Berlin' };
    expect(nextFireAfter(berlin, new Date('2026-03-27T12:00:00Z'))?.toISOString()).toBe('2026-03-28T02:00:00.000Z');
    expect(nextFireAfter(berlin, new Date('2026-03-28T12:00:00Z'))?.toISOString()).toBe('2026-03-29T01:00:00.000Z');
  });

  it('fires once at a time the clock shows twice', () => {
    const berlin = { cron: '30 2 * * *', timeZone: 'Europe/Berlin' };
    const first = nextFireAfter(berlin, new Date('2026-10-24T12:00:00Z'))!;
    const second = nextFireAfter(berlin, first)!;
    expect(second.getTime() - first.getTime()).toBeGreaterThan(23 * 3_600_000);
  });

  it('fires on a day whose time the clock leaves out', () => {
    const berlin = { cron: '30 2 * * *', timeZone: 'Europe/Berlin' };
    const night = nextFireAfter(berlin, new Date('2026-03-28T12:00:00Z'))!;
    expect(night.toISOString().slice(0, 10)).toBe('2026-03-29');
  });

  it.each([
    ['61 * * * *', 'UTC', 'cron'],
    ['* * * * * *', 'UTC', 'cron'],
    ['every day', 'UTC', 'cron'],
    ['0 0 31 2 *', 'UTC', 'cron'],
    ['0 3 * * *', 'Mars/Olympus', 'timeZone'],
  ])('is refused as %s in %s', (cron, timeZone, path) => {
    expect(faultOfSchedule({ cron, timeZone })?.path).toBe(path);
  });

  it('may name the 29th of February', () => {
    expect(faultOfSchedule({ cron: '0 0 29 2 *', timeZone: 'UTC' })).toBeUndefined();
  });
});

describe('due times', () => {
  it('are the one time that has just come, under every policy', () => {
    for (const policy of ['skip', 'once', 'all'] as const) {
      expect(due(policy, '10:00', '10:00')).toEqual({ fires: ['10:00'], skipped: 0, next: '11:00' });
    }
  });

  it('passes over what was missed, and still meets the time that has just come', () => {
    expect(due('skip', '07:00', '10:00')).toEqual({ fires: ['10:00'], skipped: 3, next: '11:00' });
    expect(due('skip', '07:00', '10:30')).toEqual({ fires: [], skipped: 4, next: '11:00' });
  });

  it('makes up once for all that was missed', () => {
    expect(due('once', '07:00', '10:30')).toEqual({ fires: ['10:00'], skipped: 3, next: '11:00' });
  });

  it('makes up for each that was missed, up to the bound', () => {
    expect(due('all', '08:00', '10:30')).toEqual({ fires: ['08:00', '09:00', '10:00'], skipped: 0, next: '11:00' });
    expect(due('all', '01:00', '10:30')).toEqual({ fires: ['08:00', '09:00', '10:00'], skipped: 7, next: '11:00' });
  });

  it('ends, however long nobody was there', () => {
    const minutely = { ...hourly, cron: '* * * * *' };
    const { fires, next } = dueTimes(minutely, new Date('2020-01-01T00:00:00Z'), at('10:00'));
    expect(fires).toEqual([at('10:00')]);
    expect(next).toEqual(at('10:01'));
  });
});
