import assert from 'node:assert/strict';
import { describe, it } from 'vitest';
import { recordParametersOf } from './record-parameters.js';

const now = Date.parse('2026-01-01T00:00:00Z');

describe('parameters about the record', () => {
  it('default to the time of receipt and no id', () => {
    assert.deepEqual(recordParametersOf({}, 2, now), { ok: true, value: { clientRecordIds: ['', ''], occurredAtMs: [now, now] } });
  });

  it('name each of several rows, separated by commas; one time holds for all', () => {
    const result = recordParametersOf({ client_record_id: 'a, b', occurred_at: '2002-03-01T00:00:00Z' }, 2, now);
    const at = Date.parse('2002-03-01T00:00:00Z');
    assert.deepEqual(result, { ok: true, value: { clientRecordIds: ['a', 'b'], occurredAtMs: [at, at] } });
  });

  it('may hold a comma when there is one row', () => {
    const result = recordParametersOf({ client_record_id: 'a,b' }, 1, now);
    assert.deepEqual(result.ok && result.value.clientRecordIds, ['a,b']);
  });

  it.each([
    [{ client_record_id: 'a' }, /2 records/],
    [{ client_record_id: 'a,b\0' }, /client_record_id holds a NUL/],
    [{ client_record_id: 'a,\ud800' }, /client_record_id holds half of a surrogate/],
    [{ client_record_id: `a,${'b'.repeat(201)}` }, /client_record_id is longer than 200/],
    [{ routing_key: 'a\0' }, /routing_key holds a NUL/],
    [{ routing_key: '\udc00' }, /routing_key holds half of a surrogate/],
    [{ routing_key: 'k'.repeat(201) }, /routing_key is longer than 200/],
    [{ occurred_at: '0001-01-01T00:00:00Z' }, /between 1900 and one day from now/],
    [{ occurred_at: '1899-12-31T23:59:59Z' }, /between 1900/],
    [{ occurred_at: '9999-01-01T00:00:00Z' }, /between 1900/],
    [{ occurred_at: '2002-01-01T00:00:00Z,2026-01-02T00:00:01Z' }, /between 1900/],
    [{ occurred_at: 'yesterday' }, /ISO 8601/],
    [{ occurred_at: '2002-03-01T00:00:00' }, /time zone/],
  ])('are refused when they do not fit: %j', (parameters, reason) => {
    const result = recordParametersOf(parameters, 2, now);
    assert.match(result.ok ? '' : result.reason, reason);
  });
});
