import { auc, brier, logLoss } from '@bascule/stats';
import { isNumber } from './fill-tensors.js';

/** One output of an answer: values row by row. */
export interface AnsweredTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: readonly (number | string | boolean | null)[];
}

export type Task = 'binary' | 'multiclass' | 'regression';

/** How the model did on the data, and what it predicted. */
export interface Measured {
  readonly task: Task;
  readonly metrics: Record<string, number>;
  /** One number per row: the probability of yes, the value, or the highest probability. */
  readonly scores: readonly number[];
  /** Of a binary target: what counts as yes, and the labels as 0 and 1. */
  readonly positive?: string;
  readonly labels?: readonly number[];
}

const mostClasses = 20;
/** Sums of many trees in single precision come out a little above 1. */
const rounding = 1e-5;
const yes = ['1', 'true', 'yes', 'y', 'ja', 'oui'];

/** What kind of question the target answers. */
export function taskOf(targets: readonly string[]): Task {
  const values = new Set(targets);
  if (values.size <= 2) return 'binary';
  return values.size > mostClasses && targets.every(isNumber) ? 'regression' : 'multiclass';
}

/** Rows for which every output has its number: NaN comes as null. */
export function answeredRows(outputs: readonly AnsweredTensor[], rowCount: number): number[] {
  return Array.from({ length: rowCount }, (_, row) => row).filter((row) => outputs.every((output) => !rowOf(output, row).includes(null)));
}

/** The answers to some of the rows. */
export function pickRows(outputs: readonly AnsweredTensor[], rows: readonly number[]): AnsweredTensor[] {
  return outputs.map((output) => ({
    name: output.name,
    shape: [rows.length, ...output.shape.slice(1)],
    data: rows.flatMap((row) => rowOf(output, row)),
  }));
}

/** Holds the answers against the target. @returns what is wrong when no output can be read as a prediction of it */
export function measureModel(outputs: readonly AnsweredTensor[], targets: readonly string[], positive?: string): Measured | string {
  const task = taskOf(targets);
  const numbers = outputs.filter(({ data }) => data.length > 0 && data.every((cell) => typeof cell === 'number'));
  const probabilities = numbers.find(({ shape, data }) => widthOf(shape) >= 2 && isShare(data));
  const named = outputs.find(({ shape, data }) => widthOf(shape) === 1 && data.some((cell) => targets.includes(String(cell))));
  if (task === 'binary') {
    const found = binary({ probabilities, numbers, named }, targets, positive);
    // a model of more classes than this sample has
    return typeof found === 'string' && named && positive === undefined ? classes(named, probabilities, targets) : found;
  }
  if (task === 'regression') {
    const values = numbers.find(({ shape }) => widthOf(shape) === 1);
    return values
      ? regression(values.data as number[], targets.map(Number))
      : 'no output is one number per row, and the target is a number';
  }
  return named ? classes(named, probabilities, targets) : unnamed(outputs, targets);
}

function unnamed(outputs: readonly AnsweredTensor[], targets: readonly string[]): string {
  const some = (values: readonly unknown[]) => [...new Set(values.map(String))].sort().slice(0, 5).join(', ');
  const answers = outputs.filter(({ shape }) => widthOf(shape) === 1).map(({ name, data }) => `${name} answers ${some(data)}`);
  return `no output names one of the classes of the target, which are ${some(targets)}${answers.length > 0 ? `; ${answers.join('; ')}` : ''}`;
}

function classes(named: AnsweredTensor, probabilities: AnsweredTensor | undefined, targets: readonly string[]): Measured {
  const hits = named.data.filter((cell, row) => String(cell) === targets[row]).length;
  const scores = probabilities ? highest(probabilities) : named.data.map((cell) => Number(cell) || 0);
  const known = new Set([...targets, ...named.data.map(String)]);
  // a label without a probability still answers yes or no
  return { task: known.size <= 2 ? 'binary' : 'multiclass', metrics: { accuracy: hits / targets.length }, scores };
}

interface Readable {
  readonly probabilities: AnsweredTensor | undefined;
  readonly numbers: readonly AnsweredTensor[];
  /** Tells a class in the words of the target. */
  readonly named: AnsweredTensor | undefined;
}

function binary({ probabilities, numbers, named }: Readable, targets: readonly string[], given: string | undefined): Measured | string {
  const values = [...new Set(targets)].sort();
  const usual = values.find((value) => yes.includes(value.toLowerCase())) ?? values.at(-1) ?? '';
  const positive = given ?? (probabilities && named && classOfLast(probabilities, named, values)) ?? usual;
  if (!values.includes(positive)) return `the target never is ${positive}; it is ${values.join(' or ')}`;
  const single = numbers.find(({ shape, data }) => widthOf(shape) === 1 && isShare(data) && !data.every(Number.isInteger));
  const column = probabilities ? widthOf(probabilities.shape) : 1;
  const found = probabilities ?? single ?? numbers.find(({ shape, data }) => widthOf(shape) === 1 && isShare(data));
  if (!found || column > 2) return 'no output is a probability of yes';
  const scores = targets.map((_, row) => Math.min(1, found.data[row * column + column - 1] as number));
  const labels = targets.map((target) => (target === positive ? 1 : 0));
  const hits = scores.filter((score, row) => (score >= 0.5 ? 1 : 0) === labels[row]).length;
  const shared = { accuracy: hits / labels.length, logLoss: logLoss(scores, labels), brier: brier(scores, labels) };
  const area = auc(scores, labels);
  return { task: 'binary', metrics: { ...(Number.isFinite(area) ? { auc: area } : {}), ...shared }, scores, positive, labels };
}

/** What the model itself names where its last probability is the higher one: that is what the probability is of. */
function classOfLast(probabilities: AnsweredTensor, named: AnsweredTensor, values: readonly string[]): string | undefined {
  const width = widthOf(probabilities.shape);
  if (width !== 2) return undefined;
  const counts = new Map(values.map((value) => [value, 0]));
  for (const [row, cell] of named.data.entries()) {
    const [first, last] = rowOf(probabilities, row) as number[];
    const told = counts.get(String(cell));
    if (told !== undefined && first !== last) counts.set(String(cell), told + (last! > first! ? 1 : -1));
  }
  const [best] = [...counts].sort((a, b) => b[1] - a[1]);
  return best && counts.size === 2 && [...counts.values()].some((count) => count !== 0) ? best[0] : undefined;
}

function regression(scores: readonly number[], values: readonly number[]): Measured {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value, row) => sum + (value - scores[row]!) ** 2, 0);
  const spread = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const mae = values.reduce((sum, value, row) => sum + Math.abs(value - scores[row]!), 0) / values.length;
  const metrics = { rmse: Math.sqrt(squares / values.length), mae, ...(spread > 0 ? { r2: 1 - squares / spread } : {}) };
  return { task: 'regression', metrics, scores };
}

function highest({ shape, data }: AnsweredTensor): number[] {
  const width = widthOf(shape);
  return Array.from({ length: data.length / width }, (_, row) => Math.max(...(data.slice(row * width, (row + 1) * width) as number[])));
}

function rowOf({ shape, data }: AnsweredTensor, row: number): AnsweredTensor['data'] {
  const width = widthOf(shape);
  return data.slice(row * width, (row + 1) * width);
}

function widthOf(shape: readonly number[]): number {
  return shape.slice(1).reduce((product, size) => product * size, 1);
}

function isShare(data: AnsweredTensor['data']): boolean {
  return data.every((cell) => typeof cell === 'number' && cell >= -rounding && cell <= 1 + rounding);
}
