import type { ModelSignature, TensorDatatype } from '@bascule/contracts';
import { describe, expect, it } from 'vitest';
import { consumerRule } from './consumer-rule.js';
import { formFaults, formOf, mergedForms, type Sent } from './request-forms.js';

const taking = (datatype: TensorDatatype, shape = [-1, 1]): ModelSignature => ({
  inputs: [{ name: 'x', datatype, shape }],
  outputs: [{ name: 'y', datatype: 'FP32', shape: [-1] }],
});
const form = (...sent: Sent[]) => ({ x: sent.map(formOf).reduce((a, b) => mergedForms(a, b)) });

describe('requests of a form', () => {
  it.each([
    ['numbers', [1.5, 3], 'FP32', []],
    ['numbers with gaps', [1.5, null], 'FP64', []],
    ['text', ['a', ''], 'BYTES', []],
    ['whole numbers', [1, 127], 'INT8', []],
    ['fractions', [1.5], 'INT64', ['input x is sent with fractions, and INT64 is wanted']],
    ['gaps', [null, 1], 'INT32', ['input x is sent with gaps, and INT32 is wanted']],
    ['large numbers', [1, 300], 'UINT8', ['input x is sent with values from 1 to 300, and UINT8 is wanted']],
    ['text', ['a'], 'FP32', ['input x is sent as text, and FP32 is wanted']],
    ['numbers', [1], 'BYTES', ['input x is sent as numbers, and BYTES is wanted']],
    ['flags', [true], 'FP32', ['input x is sent as true or false, and FP32 is wanted']],
    ['wide rows', [[1, 2]], 'FP32', ['input x is sent with 2 columns, not 1, and FP32 is wanted']],
  ] as const)('with %s %j are answered by %s but for %j', (_, sent, datatype, faults) => {
    expect(formFaults(form(...(sent as readonly Sent[])), taking(datatype))).toEqual(faults);
  });

  it('break where an input is gone or new', () => {
    const { inputs, outputs } = taking('FP32');
    const other = { inputs: [{ ...inputs[0]!, name: 'z' }], outputs };
    expect(formFaults(form(1), other)).toEqual(['input z is not sent', 'input x is not known']);
  });
});

describe('the rule about consumers', () => {
  const requests = (keyId: string, sent: Sent, more = {}) => ({ keyId, rowCount: 10, unreadCount: 0, inputs: form(sent), ...more });
  const ask = (list: ReturnType<typeof requests>[], unrecordedRows = 0, hasChampion = true, maxUnrecordedShare = 0) =>
    consumerRule({ days: 30, maxUnrecordedShare }, { signature: taking('INT64'), requests: list, unrecordedRows, hasChampion });

  it('names the keys whose requests would break, and why', () => {
    expect(ask([requests('ann', 1), requests('ben', 1.5)])).toMatchObject({
      outcome: 'fail',
      reasons: ['ben: input x is sent with fractions, and INT64 is wanted'],
    });
    expect(ask([requests('ann', 1)])).toMatchObject({ outcome: 'pass', reasons: ['10 rows that 1 key asked in 30 days can be answered'] });
  });

  it('is not met where requests were not recorded, and met where there was nothing to ask', () => {
    expect(ask([requests('ann', 1, { unreadCount: 10, inputs: {} })]).outcome).toBe('fail');
    expect(ask([], 500).outcome).toBe('fail');
    expect(ask([requests('ann', 1)], 500)).toMatchObject({
      outcome: 'fail',
      reasons: [
        expect.stringContaining('the values of 500 of 510 rows of 30 days were not kept, a share of 0.980392, and at most 0 is allowed'),
      ],
    });
    expect(ask([requests('ann', 1, { rowCount: 11, unreadCount: 1 })])).toMatchObject({ outcome: 'fail', margin: expect.closeTo(-1 / 11) });
    expect(ask([]).outcome).toBe('pass');
    expect(ask([requests('ann', 1)], 30, true, 0.75)).toMatchObject({
      outcome: 'pass',
      reasons: [
        '10 rows that 1 key asked in 30 days can be answered; the values of 30 of 40 rows of 30 days were not kept, which the policy allows',
      ],
    });
    expect(ask([requests('ann', 1), requests('ben', 1, { unreadCount: 10, inputs: {} })], 0, true, 0.9).outcome).toBe('fail');
    expect(ask([], 0, false)).toMatchObject({ outcome: 'pass', reasons: ['nothing answers yet: no client depends on it'] });
  });
});
