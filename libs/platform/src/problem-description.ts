import type { OpenAPIObject } from '@nestjs/swagger';
import { definedErrors, type ErrorDefinition, errorKinds } from './define-error.js';
import { unexpected } from './problem.js';
import { type DescribedOperation, problemsExtension, problemsOf } from './problem-scope.js';

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
const retryAfter = { 'Retry-After': { description: 'Seconds to wait before trying again.', schema: { type: 'integer' } } };

/** Adds to every operation which errors it may end in, by status, and that it tells them as problem details. */
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
      if (!operation) continue;
      operation.responses = { ...operation.responses, ...(problemResponses(operation) as object), '4XX': reference, '5XX': reference };
      delete (operation as DescribedOperation & { [problemsExtension]?: unknown })[problemsExtension];
    }
  }
  return { ...document, components: { ...components, schemas, responses: { ...components.responses, Problem: answer } } };
}

/**
 * The answers, by status, with which an operation tells errors, each with the codes that it may have.
 * @param schema name of the schema of their bodies
 */
export function problemResponses(operation: DescribedOperation, schema = 'Problem'): Record<string, object> {
  const byStatus = new Map<number, Pick<ErrorDefinition, 'code' | 'title'>[]>([[500, [unexpected]]]);
  for (const definition of problemsOf(operation, definedErrors())) {
    const status = definition.status ?? errorKinds[definition.kind];
    byStatus.set(status, [...(byStatus.get(status) ?? []), definition]);
  }
  return Object.fromEntries([...byStatus].map(([status, errors]) => [status, responseOf(status, errors, schema)]));
}

function responseOf(status: number, errors: readonly Pick<ErrorDefinition, 'code' | 'title'>[], schema: string): object {
  const code = { type: 'string', enum: errors.map((error) => error.code) };
  return {
    description: errors.map((error) => `\`${error.code}\`: ${error.title}.`).join('\n'),
    ...(status === 429 || status === 503 ? { headers: retryAfter } : {}),
    content: {
      'application/problem+json': { schema: { allOf: [{ $ref: `#/components/schemas/${schema}` }, { properties: { code } }] } },
    },
  };
}
