import { defineError, type ErrorKind } from '@bascule/platform';
import { describe, expect, it } from 'vitest';
import { MalformedMessage } from './envelope.js';
import { decideSettlement } from './settle.js';

const errorOf = (kind: ErrorKind) => defineError({ code: `test.${kind}`, kind, title: kind, remedy: '-' })();
const decide = (error: unknown, attempt = 1, rest = {}) => decideSettlement({ error, attempt, maxAttempts: 5, holds: 0, ...rest });

describe('a failed message', () => {
  it.each(['invalid', 'forbidden', 'conflict', 'unprocessable', 'too_large'] as const)(
    'is given up at once when its error is %s',
    (kind) => {
      expect(decide(errorOf(kind))).toMatchObject({ outcome: 'dead-letter', code: `test.${kind}` });
    },
  );

  it.each(['not_found', 'unavailable', 'throttled', 'deadline', 'unauthenticated'] as const)(
    'is tried again when its error is %s',
    (kind) => {
      expect(decide(errorOf(kind))).toMatchObject({ outcome: 'retry', code: `test.${kind}` });
      expect(decide(errorOf(kind), 5)).toMatchObject({ outcome: 'dead-letter' });
    },
  );

  it('is given up at once when nobody can read it', () => {
    expect(decide(new MalformedMessage('no id'))).toMatchObject({ outcome: 'dead-letter', code: 'messaging.malformed' });
  });

  it('is tried again after an unknown error, with waits that grow up to a minute', () => {
    const waits = [1, 2, 3, 9].map((attempt) => decide(new Error('?'), attempt, { maxAttempts: 20 }));
    expect(waits.map((settlement) => 'delayMs' in settlement && settlement.delayMs)).toEqual([500, 1000, 2000, 60_000]);
  });

  it('waits as its consumer asks, the last wait again and again', () => {
    const waits = [1, 2, 3].map((attempt) => decide(new Error('?'), attempt, { retryDelaysMs: [5, 7] }));
    expect(waits.map((settlement) => 'delayMs' in settlement && settlement.delayMs)).toEqual([5, 7, 7]);
  });

  it.each([
    ['a refused connection', Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })],
    ['PostgreSQL shutting down', { driverError: Object.assign(new Error('terminating'), { code: '57P01' }) }],
    ['a connection that ended', new Error('Connection terminated unexpectedly')],
    ['NATS that does not answer', Object.assign(new Error('timeout'), { name: 'TimeoutError' })],
    ['a wrapped outage', new Error('could not save', { cause: Object.assign(new Error('reset'), { code: 'ECONNRESET' }) })],
    ['a transaction whose connection died', Object.assign(new Error('released'), { name: 'QueryRunnerAlreadyReleasedError' })],
    ['its manager', Object.assign(new Error('released'), { name: 'QueryRunnerProviderAlreadyReleasedError' })],
    ['all addresses refused', new AggregateError([Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })])],
  ])('is held without end, whatever the number of tries, after %s', (_case, error) => {
    expect(decide(error, 99)).toMatchObject({ outcome: 'hold' });
    expect(decide(error, 99, { holds: 30 })).toMatchObject({ delayMs: 15_000 });
  });

  it('is tried again soon when two transactions met', () => {
    expect(decide(Object.assign(new Error('deadlock detected'), { code: '40P01' }))).toMatchObject({ outcome: 'retry', delayMs: 100 });
  });
});
