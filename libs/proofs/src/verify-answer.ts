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
  if (Array.isArray(body['predictions'])) return verifyRecords(statement, body, body['predictions']);
  const outputs = tensorsIn(body['outputs']);
  if (!outputs) return unchecked('no outputs stand beside the receipt');
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

/** Of an answer by records, which may have several receipts: the predictions that this one names. */
function verifyRecords({ modelName, modelVersion, rows }: ReceiptStatement, body: Body, predictions: readonly unknown[]): AnswerVerdict {
  if (body['modelName'] !== undefined && body['modelName'] !== modelName)
    return differs('the answer has another model than the gateway signed');
  if (rows.some(({ answer }) => answer === undefined))
    return unchecked('it tells the outputs in the words of records, which the gateway did not sign');
  const answers = new Map(predictions.map((prediction) => [bodyOf(prediction)['predictionId'], bodyOf(prediction)]));
  for (const { predictionId, answer: signed, salt } of rows) {
    const answer = answers.get(predictionId);
    if (!answer) return differs(`the answer lacks prediction ${predictionId}, which the gateway signed`);
    if (answer['version'] !== modelVersion) return differs(`prediction ${predictionId} has another version than the gateway signed`);
    if (commitTo(asNumbers(wordsOf(answer)), Buffer.from(salt, 'hex')).toString('hex') !== signed)
      return differs(`the answer to prediction ${predictionId} is not the one the gateway signed`);
  }
  return { answer: 'matches', reason: `${rows.length} ${rows.length === 1 ? 'prediction is' : 'predictions are'} as the gateway signed` };
}

/** Answers by records write integers beyond 2^53 as text: what stands there in digits is a floating-point number. */
function asNumbers(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(asNumbers);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, asNumbers(member)]));
}

/** What the model says about a record, as it stands in an answer by records: this is what a receipt commits to. */
export function wordsOf({ label, probabilities, value, outputs }: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return { label, probabilities, value, outputs };
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
