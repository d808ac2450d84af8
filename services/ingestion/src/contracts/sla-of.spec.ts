import { describe, expect, it } from 'vitest';
import { lateBatch } from '../validation/late-batch.js';
import { compileContract } from './compile-contract.js';
import { odcsContract } from './odcs.schema.js';

const columns = [
  { name: 'day', logicalType: 'date', required: true, customProperties: [{ property: 'role', value: 'time' }] },
  { name: 'sent', logicalType: 'timestamp' },
  { name: 'code', logicalType: 'string' },
];
const about = { apiVersion: 'v3.1.0', kind: 'DataContract', id: 'x', name: 'x', version: '1', status: 'active' };
const compiled = (slaProperties: object[], rest: object = {}) =>
  compileContract(odcsContract.parse({ ...about, schema: [{ name: 'x', properties: columns }], slaProperties, ...rest }));

describe('the service level of a contract', () => {
  it.each([
    [{ property: 'latency', value: 4, unit: 'd' }, 'day', 96],
    [{ property: 'freshness', value: '90', unit: 'minutes' }, 'day', 1.5],
    [{ property: 'latency', value: 2, unit: 'h', element: 'claims.sent' }, 'sent', 2],
  ])('holds the newest record against %j', (promise, field, hours) => {
    const { expectations, quality } = compiled([promise]);
    expect(expectations).toMatchObject([
      { field, severity: 'warning', bounds: { mustBeLessOrEqualTo: hours }, what: { metric: 'ageHours' } },
    ]);
    expect(quality.notExecuted).toEqual([]);
  });

  it('takes the default element, and the shortest of several times', () => {
    const { expectations, quality } = compiled(
      [
        { property: 'latency', value: 1, unit: 'd' },
        { property: 'frequency', value: 1, unit: 'w' },
        { property: 'frequency', value: 1, unit: 'd' },
      ],
      { slaDefaultElement: 'sent' },
    );
    expect([expectations[0]!.field, quality.mostHoursApart]).toEqual(['sent', 24]);
  });

  it('says of every other promise why nobody judges it, and refuses none', () => {
    const promises = [
      { property: 'retention', value: 3, unit: 'y' },
      { property: 'endOfLife', value: '2042-05-12T09:30:10-08:00' },
      { property: 'coolness', value: 11 },
      { property: 'latency', value: 4, unit: 'fortnight' },
      { property: 'latency', value: null, unit: 'd' },
      { property: 'latency', value: 4, unit: 'd', element: 'tab1.code' },
      { property: 'latency', value: 4, unit: 'd', element: 'tab1.gone' },
      { property: 'frequency', value: -1, unit: 'd' },
      { property: 'frequency', value: 1, unit: 'constructor' },
      { property: 'latency', value: 1, unit: '__proto__' },
    ];
    const { expectations, quality } = compiled(promises);
    expect([expectations, quality.mostHoursApart]).toEqual([[], undefined]);
    expect(quality.notExecuted).toEqual([
      'slaProperties retention: nothing is removed for its age',
      'slaProperties endOfLife: it is told, and judged by nobody',
      'slaProperties coolness: no such property of the standard is known here',
      'slaProperties latency: 4 fortnight is no time',
      'slaProperties latency: null d is no time',
      'slaProperties latency: tab1.code is no column with a date or time',
      'slaProperties latency: tab1.gone is no column with a date or time',
      'slaProperties frequency: -1 d is no time',
      'slaProperties frequency: 1 constructor is no time',
      'slaProperties latency: 1 __proto__ is no time',
    ]);
  });
});

it('a batch is late after the one before it by more than a tenth of what is promised', () => {
  const at = (hour: number) => ({ receivedAt: new Date(Date.UTC(2001, 0, 1, hour)) });
  expect(lateBatch(at(26).receivedAt, [at(0), at(-24)], 24)).toEqual([]);
  expect(lateBatch(at(27).receivedAt, [at(0)], 24)).toMatchObject([
    { kind: 'late_batch', measured: 27, expected: 24, severity: 'warning' },
  ]);
  expect([lateBatch(at(99).receivedAt, [], 24), lateBatch(at(99).receivedAt, [at(0)], undefined)]).toEqual([[], []]);
});
