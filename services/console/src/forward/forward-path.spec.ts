import { expect, it } from 'vitest';
import { forwardPathOf } from './forward-path.js';

it.each([
  ['/api/registry/v1/models?limit=5&cursor=a%2Fb', 'registry', '/v1/models?limit=5&cursor=a%2Fb'],
  ['/api/governance/v1/audit/why/claims-triage@3', 'governance', '/v1/audit/why/claims-triage@3'],
  ['/api/governance/v1/audit/why/claims-triage%403', 'governance', '/v1/audit/why/claims-triage%403'],
  ['/api/serving/v2', 'serving', '/v2'],
])('forwards %s', (url, service, path) => {
  expect(forwardPathOf(url)).toEqual({ service, path });
});

it.each([
  '/api/registry/../..',
  '/api/registry/v1/../../docs',
  '/api/registry/v1/./models',
  '/api/registry/v1/%2e%2e/docs',
  '/api/registry/v1/%252e%252e/docs',
  '/api/registry/v1/a%2F..%2Fb',
  '/api/registry/v1/a%252fb',
  '/api/registry/v1/a\\b',
  '/api/registry/v1/a%5cb',
  '/api/registry/v1/a%0d%0ax',
  '/api/registry/v1/%zz',
  '/api/%72egistry/v1/models',
  '/api/registry/%76%31/models',
  '/api/registry//other.example/v1',
  '/api/registry/metrics',
  '/api/registry/docs',
  '/api/registry@other.example/v1/models',
  '/api/registry',
  'http://other.example/api/registry/v1/models',
  '//other.example/api/registry/v1/models',
])('does not forward %s', (url) => {
  expect(() => forwardPathOf(url)).toThrow('console.invalid_path');
});
