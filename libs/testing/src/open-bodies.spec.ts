import assert from 'node:assert/strict';
import { it } from 'vitest';
import { openBodies } from './open-bodies.js';

it('finds the bodies that take fields nobody knows, however deep', () => {
  const closed = { type: 'object', properties: { a: { type: 'string' } }, additionalProperties: false };
  const post = (schema: object) => ({ post: { requestBody: { content: { 'application/json': { schema } } } } });
  const document = {
    paths: {
      '/closed': post(closed),
      '/open': post({ ...closed, additionalProperties: undefined }),
      '/inner': post({ $ref: '#/components/schemas/Inner' }),
      '/map': post({ type: 'object', additionalProperties: { type: 'number' } }),
      '/bytes': { post: { requestBody: { content: { 'application/octet-stream': {} } } }, get: {} },
    },
    components: {
      schemas: {
        Inner: { ...closed, properties: { items: { type: 'array', items: { anyOf: [closed, { type: 'object', properties: {} }] } } } },
      },
    },
  };
  assert.deepEqual(openBodies(document), ['POST /open body', 'POST /inner body.items']);
});
