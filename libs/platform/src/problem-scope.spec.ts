import { expect, it } from 'vitest';
import { type DescribedOperation, type ErrorScope, problemsExtension, problemsOf } from './problem-scope.js';

const scopes: ErrorScope[] = ['every', 'input', 'body', 'json', 'paged', 'repeatable', 'secured', 'model', 'dataset'];
const defined = [undefined, ...scopes].map((scope) => ({
  code: scope ?? 'own',
  kind: 'invalid' as const,
  title: 't',
  remedy: 'r',
  ...(scope ? { scope } : {}),
}));
const open = { security: [{}] };

it.each<[what: string, operation: DescribedOperation, codes: string]>([
  ['that anybody may read', open, 'every'],
  ['that needs a key', {}, 'every secured'],
  ['that names its own', { ...open, [problemsExtension]: ['own'] }, 'own every'],
  ['of a list', { ...open, parameters: [{ in: 'query', name: 'cursor' }] }, 'every input paged'],
  ['of a model', { parameters: [{ in: 'path', name: 'model' }] }, 'every input secured model'],
  ['of a dataset', { parameters: [{ in: 'path', name: 'dataset' }] }, 'every input secured dataset'],
  ['with JSON', { ...open, requestBody: { content: { 'application/json': {} } } }, 'every input body json'],
  ['with a file', { ...open, requestBody: { content: { 'text/csv': {} } } }, 'every input body'],
  ['that may be repeated', { ...open, parameters: [{ in: 'header', name: 'Idempotency-Key' }] }, 'every repeatable'],
])('an operation %s may end in the errors of its kind', (_what, operation, codes) => {
  expect(problemsOf(operation, defined).map(({ code }) => code)).toEqual(codes.split(' '));
});
