import { type ErrorFactory, problemResponses, problemsExtension } from '@bascule/platform';
import { z } from 'zod';
import { invalidInference } from '../errors.js';
import { inferenceProblems, lookupProblems } from './inference-problems.js';
import { type OpenInferenceSchema, openInferenceSchemas } from './open-inference-schemas.js';

interface ApiDocument {
  readonly paths?: Record<string, unknown>;
  readonly components?: { readonly schemas?: Record<string, unknown> };
}

/** Adds the routes of the Open Inference Protocol, which Nest does not know, to the description of the service. */
export function withOpenInference(document: ApiDocument): ApiDocument {
  const described = Object.entries(openInferenceSchemas).map(([name, schema]) => [name, z.toJSONSchema(schema, { io: 'input' })]);
  const all = { ...document.components?.schemas, ...Object.fromEntries(described) };
  return { ...document, components: { ...document.components, schemas: all }, paths: { ...document.paths, ...paths() } };
}

function paths(): Record<string, unknown> {
  const model = '/v2/models/{model}';
  const version = `${model}/versions/{version}`;
  const open = { security: [] };
  return {
    '/v2': { get: operation('Server metadata', [], { ...open, response: json('ServerMetadata') }) },
    '/v2/health/live': { get: operation('Is the server live?', [], { ...open, response: json('ServerLive') }) },
    '/v2/health/ready': { get: operation('Is the server ready for inference?', [], { ...open, response: json('ServerReady') }) },
    '/v2/repository/index': {
      post: operation('List the models and how they stand here', [], {
        requestBody: { content: json('RepositoryIndexRequest') },
        response: json('RepositoryIndex'),
        problems: [invalidInference],
      }),
    },
    ...Object.fromEntries([model, version].flatMap((path) => modelPaths(path))),
  };
}

function header(name: string, description: string, schema: object = { type: 'string' }) {
  return { name, in: 'header', required: false, schema, description };
}

const requestHeaders = [
  header('X-Bascule-Model-Version', 'Pins a version; operators only.'),
  header('X-Bascule-Receipt', 'Asks for a signed receipt, as the parameter `receipt: true` does.', { type: 'string', enum: ['1'] }),
  header('Idempotency-Key', 'Names the request: a repeat within 24 hours gets the same answer.'),
  header('Inference-Header-Content-Length', 'Bytes of JSON at the start of the body; the raw inputs stand behind them.', {
    type: 'integer',
  }),
  header('Content-Encoding', 'How the body is packed.', { type: 'string', enum: ['gzip', 'x-gzip', 'deflate', 'identity'] }),
  header('Accept-Encoding', 'With gzip, large answers are packed.'),
  header('X-Request-Id', 'The id the request goes by; a new one when it is absent.'),
  header('traceparent', 'The trace of the caller (W3C Trace Context); it is continued and recorded.'),
];

const answerHeaders = Object.fromEntries(
  [
    header('X-Request-Id', 'The id the request went by.'),
    header('X-Bascule-Model-Version', 'The version that answered, also with an error.'),
    header('Inference-Header-Content-Length', 'Bytes of JSON before the raw outputs, when unpacked.', { type: 'integer' }),
    header('Idempotency-Replayed', 'true for the stored answer to a repeat.'),
  ].map(({ name, description, schema }) => [name, { description, schema }]),
);

const raw = (name: OpenInferenceSchema) => ({
  'application/octet-stream': {
    schema: { type: 'string', format: 'binary', description: `${name} as JSON, and the raw tensors behind it in their order.` },
  },
});

function modelPaths(path: string): [string, unknown][] {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as string);
  const infer = operation('Ask the model', names, {
    requestBody: { required: true, content: { ...json('InferenceRequest'), ...raw('InferenceRequest') } },
    response: { ...json('InferenceResponse'), ...raw('InferenceResponse') },
    headers: answerHeaders,
    extra: requestHeaders,
    problems: inferenceProblems,
  });
  return [
    [path, { get: operation('Model metadata', names, { response: json('ModelMetadata'), problems: lookupProblems }) }],
    [`${path}/ready`, { get: operation('Is the model ready?', names, { response: json('ModelReady'), problems: lookupProblems }) }],
    [`${path}/infer`, { post: infer }],
  ];
}

interface Details {
  readonly security?: object[];
  readonly requestBody?: object;
  readonly response?: unknown;
  readonly headers?: unknown;
  readonly extra?: object[];
  /** Errors it may end in, beside those of every operation of its kind. */
  readonly problems?: readonly ErrorFactory[];
}

function operation(summary: string, names: readonly string[], details: Details): unknown {
  const { security, requestBody, response, headers, extra = [], problems = [] } = details;
  const parameters = [...names.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } })), ...extra];
  const asked = { ...(security ? { security } : {}), parameters, ...(requestBody ? { requestBody } : {}) };
  const codes = problems.map(({ definition }) => definition.code);
  return {
    tags: ['open inference protocol'],
    summary,
    ...asked,
    responses: {
      ...problemResponses({ ...asked, [problemsExtension]: codes }, 'InferenceProblem'),
      200: { description: 'The answer', ...(headers ? { headers } : {}), content: response },
      default: {
        description: 'Why not',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/InferenceProblem' } } },
      },
    },
  };
}

function json(name: OpenInferenceSchema): Record<string, unknown> {
  return { 'application/json': { schema: { $ref: `#/components/schemas/${name}` } } };
}
