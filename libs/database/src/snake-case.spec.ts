import { expect, it } from 'vitest';
import { requestHash } from './request-hash.js';
import { snakeCase } from './snake-case.js';

it.each([
  ['occurredAt', 'occurred_at'],
  ['artifactSizeBytes', 'artifact_size_bytes'],
  ['version', 'version'],
  ['onnxIRVersion', 'onnx_ir_version'],
])('names the column of %s %s', (property, column) => {
  expect(snakeCase(property)).toBe(column);
});

it('tells requests apart by method, address and body', () => {
  const hashes = [
    requestHash('POST', '/v1/a', { n: 1 }),
    requestHash('PUT', '/v1/a', { n: 1 }),
    requestHash('POST', '/v1/b', { n: 1 }),
    requestHash('POST', '/v1/a', { n: 2 }),
    requestHash('POST', '/v1/a', Buffer.from('n')),
    requestHash('POST', '/v1/a', undefined),
  ];
  expect(new Set(hashes).size).toBe(hashes.length);
  expect(requestHash('POST', '/v1/a', { n: 1 })).toBe(hashes[0]);
});
