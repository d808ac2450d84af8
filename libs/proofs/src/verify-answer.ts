import { commitTo } from './commitment.js';
import type { ReceiptRow, ReceiptStatement } from './receipt.js';
import { type AnswerTensor, rowColumns, tensorsIn } from './row-columns.js';

/** How an answer stands to its receipt: it is the one that was signed, another one, or the receipt cannot tell. */
export interface AnswerVerdict {
  readonly answer: 'matches' | 'differs' | 'unchecked';
  readonly reason: string;
}

const differs = (reason: string): AnswerVerdict => ({ answer: 'differs', reason });
const unchecked = (reason: string): AnswerVerdict => ({ answer: 'unchecked', reason });
type Body = Readonly<Record<string, unknown>>;
const bodyOf = (value: unknown): Body => (typeof value === 'object' && value !== null ? (value as Body) : {});

/**
 * Compares an answer of the inference protocol with its receipt: model, version, prediction ids and the hash of each row's outputs;
 * the inputs as well when they stand beside it, as `inputs` or inside `request`.
 * @param answer as `parseAnswer` read it
 */
export function verifyAnswer(statement: ReceiptStatement, answer: unknown): AnswerVerdict {
  const body = bodyOf(answer);
  const outputs = tensorsIn(body['outputs']);
  if (!outputs)
    return unchecked(
      Array.isArray(body['predictions'])
        ? 'it tells the outputs in the words of records, which were not what was hashed'
        : 'no outputs stand beside the receipt',
    );
  const named = differingName(statement, body);
  if (named !== undefined) return differs(`the answer has another ${named} than the gateway signed`);
  const lacking = (statement.outputNames ?? []).filter((name) => !outputs.some((output) => output.name === name));
  if (lacking.length > 0) return unchecked(`it shows only some of the outputs; ${lacking.join(', ')} cannot be left out of the hash`);
  const outputFault = differingRow(statement.rows, outputs, 'outputs');
  if (outputFault !== undefined) return differs(outputFault);
  const inputs = tensorsIn(body['inputs'] ?? bodyOf(body['request'])['inputs']);
  if (!inputs) return { answer: 'matches', reason: 'the outputs are those the gateway signed' };
  const inputFault = differingRow(statement.rows, inputs, 'inputs');
  return inputFault === undefined ? { answer: 'matches', reason: 'inputs and outputs are those the gateway signed' } : differs(inputFault);
}

function differingName({ modelName, modelVersion, rows }: ReceiptStatement, body: Body): string | undefined {
  const ids = bodyOf(body['parameters'])['prediction_id'];
  const facts: [string, unknown, string][] = [
    ['model', body['model_name'], modelName],
    ['version', body['model_version'], String(modelVersion)],
    ['prediction id', ids, rows.map(({ predictionId }) => predictionId).join()],
  ];
  return facts.find(([, said, signed]) => said !== undefined && String(said).replaceAll(' ', '') !== signed.replaceAll(' ', ''))?.[0];
}

function differingRow(rows: readonly ReceiptRow[], tensors: readonly AnswerTensor[], side: 'inputs' | 'outputs'): string | undefined {
  for (const [position, row] of rows.entries()) {
    const columns = rowColumns(tensors, position, rows.length);
    if (!columns) return `the ${side} are not of ${rows.length} rows`;
    if (commitTo(columns, Buffer.from(row.salt, 'hex')).toString('hex') !== row[side])
      return `the ${side} of prediction ${row.predictionId} are not those the gateway signed`;
  }
  return undefined;
}
