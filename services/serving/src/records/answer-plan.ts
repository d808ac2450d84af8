import type { ModelSignature, TensorSpec } from '@bascule/contracts';
import { fromHalf, rowLength, type Tensor } from '../inference/tensor.js';

export type Plain = number | string | boolean | null;

/** What a model answered for one record, in the words of the client. */
export interface RecordAnswer {
  readonly label?: Plain;
  /** Class to probability. */
  readonly probabilities?: Readonly<Record<string, number | null>>;
  /** Of a regressor. */
  readonly value?: Plain;
  /** Everything else, by the name of the output. */
  readonly outputs?: Readonly<Record<string, Plain | readonly Plain[]>>;
}

/** Which output of a model plays which part; positions in the signature. */
export interface AnswerPlan {
  readonly label?: number;
  readonly probabilities?: number;
  readonly value?: number;
  /** Names by class. */
  readonly classes?: readonly string[];
  readonly outputs: readonly TensorSpec[];
}

const isFloat = ({ datatype }: TensorSpec) => datatype.startsWith('FP');
const isOnePerRow = ({ shape }: TensorSpec) => shape.slice(1).every((length) => length === 1);

/** Finds label and probabilities as the usual exporters name and shape them; what is not certain stays an output by name. */
export function answerPlan({ outputs }: ModelSignature): AnswerPlan {
  const isProbabilities = (spec: TensorSpec) =>
    isFloat(spec) && !isOnePerRow(spec) && spec.shape.length === 2 && (spec.columns !== undefined || /prob/i.test(spec.name));
  const probabilities = positionOf(outputs, isProbabilities);
  const label = positionOf(outputs, (spec) => !isFloat(spec) && isOnePerRow(spec));
  const sole = outputs.length === 1 && outputs[0] && isFloat(outputs[0]) && isOnePerRow(outputs[0]);
  const classes = outputs[probabilities ?? -1]?.columns ?? outputs[label ?? -1]?.classes;
  return {
    outputs,
    ...(label === undefined ? {} : { label }),
    ...(probabilities === undefined ? {} : { probabilities }),
    ...(sole ? { value: 0 } : {}),
    ...(classes ? { classes } : {}),
  };
}

function positionOf(outputs: readonly TensorSpec[], fits: (spec: TensorSpec) => boolean): number | undefined {
  const position = outputs.findIndex(fits);
  return position === -1 ? undefined : position;
}

/** The answer for one row. */
export function recordAnswer(plan: AnswerPlan, tensors: readonly Tensor[], row: number, isBatched: boolean): RecordAnswer {
  const rows = tensors.map((tensor) => plainRow(tensor, row, isBatched));
  const others = plan.outputs.flatMap(({ name }, position) =>
    [plan.label, plan.probabilities, plan.value].includes(position)
      ? []
      : [[name, isOnePerRow(plan.outputs[position] as TensorSpec) ? (rows[position]?.[0] ?? null) : (rows[position] ?? [])] as const],
  );
  const probabilities = plan.probabilities === undefined ? undefined : byClass(rows[plan.probabilities] ?? [], plan.classes);
  const label = labelOf(plan, rows, probabilities);
  return {
    ...(label === undefined ? {} : { label }),
    ...(probabilities ? { probabilities } : {}),
    ...(plan.value === undefined ? {} : { value: rows[plan.value]?.[0] ?? null }),
    ...(others.length > 0 ? { outputs: Object.fromEntries(others) } : {}),
  };
}

function labelOf(plan: AnswerPlan, rows: readonly Plain[][], probabilities: Record<string, number | null> | undefined): Plain | undefined {
  if (plan.label !== undefined) {
    const answered = rows[plan.label]?.[0] ?? null;
    const classes = plan.outputs[plan.label]?.classes;
    return typeof answered === 'number' ? (classes?.[answered] ?? answered) : answered;
  }
  if (!probabilities) return undefined;
  const ranked = Object.entries(probabilities).filter((entry): entry is [string, number] => entry[1] !== null);
  // no number, no class
  return ranked.reduce<[string, number] | undefined>((best, entry) => (best && best[1] >= entry[1] ? best : entry), undefined)?.[0] ?? null;
}

function byClass(cells: readonly Plain[], classes: readonly string[] | undefined): Record<string, number | null> {
  const result = Object.create(null) as Record<string, number | null>;
  for (const [position, cell] of cells.entries()) result[classes?.[position] ?? String(position)] = cell as number | null;
  return result;
}

function plainRow({ datatype, shape, data }: Tensor, row: number, isBatched: boolean): Plain[] {
  const length = isBatched ? rowLength(shape) : data.length;
  const part = data.slice(row * length, (row + 1) * length);
  const cells = datatype === 'FP16' ? fromHalf(part as Uint16Array) : part;
  return Array.from<number | bigint | string, Plain>(cells, (cell) => plainCell(datatype, cell));
}

function plainCell(datatype: string, cell: number | bigint | string): Plain {
  if (typeof cell === 'string') return cell;
  if (typeof cell === 'bigint') return Number.isSafeInteger(Number(cell)) ? Number(cell) : cell.toString();
  if (datatype === 'BOOL') return cell !== 0;
  if (Number.isFinite(cell)) return cell;
  // JSON has neither: as text, infinity is not lost
  return Number.isNaN(cell) ? null : String(cell);
}
