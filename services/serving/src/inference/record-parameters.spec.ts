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
    [{ client_record_id: 'a,b\0' }, /NUL/],
    [{ occurred_at: 'yesterday' }, /ISO 8601/],
    [{ occurred_at: '2002-03-01T00:00:00' }, /time zone/],
  ])('are refused when they do not fit: %j', (parameters, reason) => {
    const result = recordParametersOf(parameters, 2, now);
    assert.match(result.ok ? '' : result.reason, reason);
  });
});
