import { tensorDatatype } from '@bascule/contracts';
import { z } from 'zod';

const parameters = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));
const tensor = z.object({
  name: z.string(),
  shape: z.array(z.int()),
  datatype: tensorDatatype,
  parameters: parameters.optional(),
  data: z.array(z.unknown()).describe('Row-major, nested or flat. null in FP16, FP32 and FP64 is a missing number (NaN).'),
});
const schemas = {
  InferenceRequest: z.object({
    id: z.string().optional(),
    parameters: parameters
      .optional()
      .describe(
        'client_record_id, occurred_at (ISO 8601), routing_key, receipt; with several rows the first two are comma-joined, one per row.',
      ),
    inputs: z.array(tensor).min(1),
    outputs: z.array(z.object({ name: z.string() })).optional(),
  }),
  InferenceResponse: z.object({
    model_name: z.string(),
    model_version: z.string(),
    id: z.string().optional(),
    parameters: z.object({
      prediction_id: z.string().describe('One per row, comma-joined.'),
      receipt: z.string().optional().describe('A signed note about the rows, when one was asked for; at most 1,000 rows.'),
    }),
    outputs: z.array(tensor),
  }),
  InferenceProblem: z.object({
    error: z.string(),
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string(),
  }),
};

interface ApiDocument {
  readonly paths?: Record<string, unknown>;
  readonly components?: { readonly schemas?: Record<string, unknown> };
}

/** Adds the routes of the Open Inference Protocol, which Nest does not know, to the description of the service. */
export function withOpenInference(document: ApiDocument): ApiDocument {
  const described = Object.entries(schemas).map(([name, schema]) => [name, z.toJSONSchema(schema, { io: 'input' })]);
  const all = { ...document.components?.schemas, ...Object.fromEntries(described) };
  return { ...document, components: { ...document.components, schemas: all }, paths: { ...document.paths, ...paths() } };
}

function paths(): Record<string, unknown> {
  const model = '/v2/models/{model}';
  const version = `${model}/versions/{version}`;
  return {
    '/v2': { get: operation('Server metadata', [], { security: [] }) },
    '/v2/health/live': { get: operation('Is the server live?', [], { security: [] }) },
    '/v2/health/ready': { get: operation('Is the server ready for inference?', [], { security: [] }) },
    '/v2/repository/index': { post: operation('List the models and how they stand here', []) },
    ...Object.fromEntries([model, version].flatMap((path) => modelPaths(path))),
  };
}

function modelPaths(path: string): [string, unknown][] {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as string);
  const pin = {
    name: 'X-Bascule-Model-Version',
    in: 'header',
    required: false,
    schema: { type: 'string' },
    description: 'Pins a version; operators only.',
  };
  const receipt = {
    name: 'X-Bascule-Receipt',
    in: 'header',
    required: false,
    schema: { type: 'string', enum: ['1'] },
    description: 'Asks for a signed receipt, as the parameter `receipt: true` does.',
  };
  const infer = operation('Ask the model', names, {
    requestBody: { required: true, content: json('InferenceRequest') },
    response: json('InferenceResponse'),
    extra: [pin, receipt],
  });
  return [
    [path, { get: operation('Model metadata', names) }],
    [`${path}/ready`, { get: operation('Is the model ready?', names) }],
    [`${path}/infer`, { post: infer }],
  ];
}

interface Details {
  readonly security?: unknown[];
  readonly requestBody?: unknown;
  readonly response?: unknown;
  readonly extra?: unknown[];
}

function operation(summary: string, names: readonly string[], { security, requestBody, response, extra = [] }: Details = {}): unknown {
  const parameters = [...names.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } })), ...extra];
  return {
    tags: ['open inference protocol'],
    summary,
    ...(security ? { security } : {}),
    parameters,
    ...(requestBody ? { requestBody } : {}),
    responses: {
      200: { description: 'The answer', ...(response ? { content: response } : {}) },
      default: {
        description: 'Why not',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/InferenceProblem' } } },
      },
    },
  };
}

function json(name: keyof typeof schemas): unknown {
  return { 'application/json': { schema: { $ref: `#/components/schemas/${name}` } } };
}
