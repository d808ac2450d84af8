import { problemResponses, problemsExtension } from '@bascule/platform';
import { z } from 'zod';
import { recordsProblems } from '../inference/inference-problems.js';
import { recordsSchemas } from './records-request.js';

interface ApiDocument {
  readonly paths?: Record<string, unknown>;
  readonly components?: { readonly schemas?: Record<string, unknown> };
}

const header = (name: string, description: string) => ({ name, in: 'header', required: false, schema: { type: 'string' }, description });
const json = (name: keyof typeof recordsSchemas) => ({ 'application/json': { schema: { $ref: `#/components/schemas/${name}` } } });
const problem = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };

const predict = {
  tags: ['records'],
  summary: 'Ask a model about records by feature name',
  description:
    'Each record has its own answer or its own error, in order. With an Idempotency-Key a repeat within 24 hours gets the first answer from any replica.',
  parameters: [
    { name: 'model', in: 'path', required: true, schema: { type: 'string' } },
    header('Idempotency-Key', '1 to 200 printable ASCII characters; a repeat of the same request gets the same predictions.'),
    header('X-Bascule-Model-Version', 'Pins a version; operators only.'),
    header('X-Bascule-Receipt', '1 for signed receipts with the answer.'),
  ],
  requestBody: { required: true, content: json('RecordsRequest') },
};

/** Made when somebody asks for it: what goes for every operation is known once all of it is loaded. */
function described(): object {
  const codes = recordsProblems.map(({ definition }) => definition.code);
  return {
    ...predict,
    responses: {
      ...problemResponses({ ...predict, [problemsExtension]: codes }),
      200: { description: 'At least one record was answered', content: json('RecordsResponse') },
      default: { description: 'Why not', content: problem },
    },
  };
}

/** Adds the route for records, which Nest does not know, to the description of the service. */
export function withRecords(document: ApiDocument): ApiDocument {
  const schemasOf = Object.entries(recordsSchemas).map(([name, schema]) => [name, z.toJSONSchema(schema, { io: 'input' })]);
  const schemas = { ...document.components?.schemas, ...Object.fromEntries(schemasOf) };
  const paths = { ...document.paths, '/v1/models/{model}/predict': { post: described() } };
  return { ...document, components: { ...document.components, schemas }, paths };
}
