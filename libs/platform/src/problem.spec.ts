import { NotFoundException, PayloadTooLargeException } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { definedErrors, defineError, errorKinds } from './define-error.js';
import { problemOf, retryAfterSecondsOf } from './problem.js';

const bridgeClosed = defineError({ code: 'test.bridge_closed', kind: 'conflict', title: 'The bridge is up', remedy: 'Wait.' });

describe('problemOf', () => {
  it('writes a defined error with code, remedy and instance', () => {
    expect(problemOf(bridgeClosed({ bridge: 'north' }), 'urn:1')).toEqual({
      status: 409,
      body: {
        type: 'urn:bascule:error:test.bridge_closed',
        title: 'The bridge is up',
        status: 409,
        detail: 'The bridge is up (bridge north).',
        remedy: 'Wait.',
        code: 'test.bridge_closed',
        instance: 'urn:1',
      },
    });
  });

  it('shows a detail of its own and the list of faults', () => {
    const errors = [{ path: 'name', message: 'too short' }];
    expect(problemOf(bridgeClosed({ errors }, 'closed at noon'), 'urn:1').body).toMatchObject({ detail: 'closed at noon', errors });
  });

  it('never shows what an unexpected error says', () => {
    const { status, body } = problemOf(new Error('password is hunter2'), 'urn:1');
    expect({ status, code: body.code }).toEqual({ status: 500, code: 'platform.unexpected' });
    expect(JSON.stringify(body)).not.toContain('hunter2');
  });

  it('tells a lost connection to a server we need as 503', () => {
    const error = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
    expect(problemOf(error, 'urn:1')).toMatchObject({ status: 503, body: { code: 'platform.dependency_unavailable' } });
  });

  it('gives the framework’s own errors our codes', () => {
    expect(problemOf(new NotFoundException('Cannot GET /x'), 'urn:1').body.code).toBe('platform.route_not_found');
    expect(problemOf(new PayloadTooLargeException(), 'urn:1').body.code).toBe('platform.body_too_large');
  });

  it('has a status for every kind', () => {
    for (const definition of definedErrors()) expect(errorKinds[definition.kind]).toBeGreaterThanOrEqual(400);
  });
});

it('answers 503 while the database is away, however deep the driver hid it', () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  expect(problemOf(Object.assign(new Error('query failed'), { driverError: refused }), 'urn:x').status).toBe(503);
  expect(problemOf(new Error('Connection terminated unexpectedly'), 'urn:x').status).toBe(503);
  expect(problemOf(new Error('anything else'), 'urn:x').status).toBe(500);
});

it('says how long to wait: what the error knows, rounded up, else a second', () => {
  const tired = defineError({ code: 'test.tired', kind: 'throttled', title: 'Tired', remedy: 'Wait.' });
  expect(retryAfterSecondsOf(tired({ retryAfterSeconds: 2.1 }), 429)).toBe(3);
  expect(retryAfterSecondsOf(tired({ retryAfterSeconds: 0.2 }), 429)).toBe(1);
  expect(retryAfterSecondsOf(new Error('away'), 503)).toBe(1);
  expect(retryAfterSecondsOf(bridgeClosed({ retryAfterSeconds: 9 }), 409)).toBeUndefined();
});
