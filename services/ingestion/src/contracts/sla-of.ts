import type { ColumnRule } from '../validation/column-rule.js';
import type { Expectation } from '../validation/expectation.js';
import type { OdcsContract, SlaProperty } from './odcs.schema.js';

/** What a contract promises about its service, as far as it can be judged when a batch arrives. */
export interface ServiceLevel {
  /** Age of the newest record. */
  readonly expectations: readonly Expectation[];
  /** Longest time from batch to batch. */
  readonly mostHoursApart?: number;
  /** Promises that nobody judges here, each with the reason. */
  readonly notJudged: readonly string[];
}

const hourUnits = new Map<string, number>(
  Object.entries({
    ...{ s: 1 / 3600, sec: 1 / 3600, second: 1 / 3600, seconds: 1 / 3600, min: 1 / 60, minute: 1 / 60, minutes: 1 / 60 },
    ...{ h: 1, hr: 1, hour: 1, hours: 1, d: 24, day: 24, days: 24, w: 168, wk: 168, week: 168, weeks: 168 },
    ...{ mo: 730.5, month: 730.5, months: 730.5, y: 8766, yr: 8766, year: 8766, years: 8766 },
  }),
);

/** Properties of the standard that are for people. */
const forPeople: Record<string, string> = {
  retention: 'nothing is removed for its age',
  ...Object.fromEntries(
    ['generalavailability', 'endofsupport', 'endoflife', 'timeofavailability', 'availability', 'throughput', 'errorrate'].map((name) => [
      name,
      'it is told, and judged by nobody',
    ]),
  ),
  ...Object.fromEntries(['timetodetect', 'timetonotify', 'timetorepair'].map((name) => [name, 'it is about people, and judged by nobody'])),
};

/** Reads the service level of a contract. What cannot be judged is no fault: it is said why. */
export function serviceLevelOf(contract: OdcsContract, rules: readonly ColumnRule[], time: number | undefined): ServiceLevel {
  const expectations: Expectation[] = [];
  const notJudged: string[] = [];
  let mostHoursApart: number | undefined;
  for (const promise of contract.slaProperties ?? []) {
    const skip = (reason: string) => notJudged.push(`slaProperties ${promise.property}: ${reason}`);
    const name = promise.property.toLowerCase();
    if (name !== 'latency' && name !== 'freshness' && name !== 'frequency') {
      skip(Object.hasOwn(forPeople, name) ? forPeople[name]! : 'no such property of the standard is known here');
      continue;
    }
    const hours = hoursOf(promise);
    if (hours === undefined) skip(`${JSON.stringify(promise.value)} ${promise.unit ?? 'without a unit'} is no time`);
    else if (name === 'frequency') mostHoursApart = Math.min(hours, mostHoursApart ?? hours);
    else {
      const element = promise.element ?? contract.slaDefaultElement;
      const column = element === undefined ? time : rules.findIndex((rule) => rule.name === element.slice(element.lastIndexOf('.') + 1));
      if (column === undefined) skip('there is no element, and no column with the role time');
      else if (rules[column]?.type !== 'timestamp') skip(`${element} is no column with a date or time`);
      else expectations.push(ageOf(name, column, rules[column]!.name, hours));
    }
  }
  return { expectations, notJudged, ...(mostHoursApart === undefined ? {} : { mostHoursApart }) };
}

function hoursOf({ value, unit }: SlaProperty): number | undefined {
  const [number, factor] = [
    typeof value === 'string' && value.trim() !== '' ? Number(value) : value,
    hourUnits.get(unit?.toLowerCase() ?? ''),
  ];
  return typeof number === 'number' && number > 0 && Number.isFinite(number) && factor !== undefined ? number * factor : undefined;
}

/** A promise that is missed is reported: it is no fault of the records that came late. */
function ageOf(name: string, column: number, field: string, hours: number): Expectation {
  const bounds = { mustBeLessOrEqualTo: hours };
  const text = `${name}: hours since the newest ${field} mustBeLessOrEqualTo ${Number(hours.toFixed(3))}`;
  return { what: { metric: 'ageHours', column }, unit: 'rows', bounds, severity: 'warning', field, text };
}
