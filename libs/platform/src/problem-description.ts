import type { OpenAPIObject } from '@nestjs/swagger';

const problem = {
  type: 'object',
  description: 'Problem details as in RFC 9457.',
  required: ['type', 'title', 'status', 'detail', 'remedy', 'code', 'instance'],
  properties: {
    type: { type: 'string', description: 'urn:bascule:error: and the code' },
    title: { type: 'string', description: 'What went wrong, the same for every error of this code' },
    status: { type: 'integer', description: 'The HTTP status' },
    detail: { type: 'string', description: 'What went wrong this time' },
    remedy: { type: 'string', description: 'What to do next' },
    code: { type: 'string', description: 'Stable name of the error', examples: ['platform.invalid_request'] },
    instance: { type: 'string', description: 'Names this request; the logs have it too' },
    errors: {
      type: 'array',
      description: 'Single faults, with the path to the value',
      items: {
        type: 'object',
        required: ['path', 'message'],
        properties: { path: { type: 'string' }, message: { type: 'string' } },
      },
    },
  },
};

const methods = ['get', 'put', 'post', 'delete', 'patch', 'options', 'head'] as const;

/** Adds to every operation that it answers errors as problem details. */
export function describeProblems(document: OpenAPIObject): OpenAPIObject {
  const components = document.components ?? {};
  const schemas = { ...components.schemas, Problem: problem } as NonNullable<typeof components.schemas>;
  const answer = {
    description: 'The request was not carried out; `code` says why and `remedy` what to do',
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  };
  const reference = { $ref: '#/components/responses/Problem' };
  for (const path of Object.values(document.paths)) {
    for (const method of methods) {
      const operation = path[method];
      if (operation) operation.responses = { ...operation.responses, '4XX': reference, '5XX': reference };
    }
  }
  return { ...document, components: { ...components, schemas, responses: { ...components.responses, Problem: answer } } };
}
