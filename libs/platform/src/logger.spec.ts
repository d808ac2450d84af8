import { expect, it } from 'vitest';
import { createLogger, scrubSecrets } from './logger.js';

function logged(fields: object, message = 'done'): Record<string, unknown> {
  const lines: string[] = [];
  const logger = createLogger({ service: 'registry', instanceId: '1', level: 'info' }, { write: (text) => void lines.push(text) });
  logger.info(fields, message);
  return JSON.parse(lines.join(''));
}

it('writes one JSON line with service, time and text level', () => {
  expect(logged({ runId: 'r1' })).toMatchObject({ level: 'info', service: 'registry', runId: 'r1', msg: 'done' });
});

it('hides fields that hold secrets', () => {
  const line = JSON.stringify(logged({ token: 'abc', headers: { authorization: 'Bearer abc', accept: 'json' } }));
  expect(line).not.toContain('abc');
  expect(line).toContain('json');
});

it('hides the values of a failed statement', () => {
  const fault = { parameters: ['claim-7'], detail: 'Failing row contains (claim-7).', driverError: { detail: 'claim-7' } };
  const line = JSON.stringify(logged({ err: Object.assign(new Error('null value in column "x"'), fault) }));
  expect(line).not.toContain('claim-7');
  expect(line).toContain('null value in column');
});

it('hides keys and passwords inside other text', () => {
  const key = `bsc_${'a'.repeat(12)}_${'S'.repeat(43)}`;
  expect(scrubSecrets(`sent ${key}`)).toBe('sent bsc_aaaaaaaaaaaa_[redacted]');
  expect(scrubSecrets('sent eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl.')).toBe('sent [redacted token].');
  expect(scrubSecrets('postgres://registry:pa55@db:5432/x')).toBe('postgres://registry:[redacted]@db:5432/x');
  expect(scrubSecrets('at nats://s3cr3t@nats:4222')).toBe('at nats://[redacted]@nats:4222');
  expect(JSON.stringify(logged({ reason: key }, `with ${key}`))).not.toContain('SSS');
});

it('leaves URLs without a password alone', () => {
  expect(scrubSecrets('http://127.0.0.1:8080/v1/models')).toBe('http://127.0.0.1:8080/v1/models');
});
