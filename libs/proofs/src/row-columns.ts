/** A tensor as the inference protocol writes it in JSON. */
export interface AnswerTensor {
  readonly name: string;
  readonly datatype: string;
  readonly cells: readonly Cell[];
}

type Cell = number | bigint | string | boolean | null;
type Plain = number | string | boolean | null;

/** Reads JSON without loss: integers that no number holds exactly become bigints. */
export function parseAnswer(text: string): unknown {
  const reviver = (_key: string, value: unknown, context?: { source?: string }) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? '') ? BigInt(context!.source!) : value;
  return JSON.parse(text, reviver as (key: string, value: unknown) => unknown);
}

/** Tensors of an answer or a request; undefined when there are none, or their data are not JSON. */
export function tensorsIn(value: unknown): AnswerTensor[] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const tensors = value.map((tensor: { name?: unknown; datatype?: unknown; data?: unknown } | null) => ({
    name: String(tensor?.name),
    datatype: String(tensor?.datatype),
    data: tensor?.data,
  }));
  if (!tensors.every(({ data }) => Array.isArray(data))) return undefined;
  return tensors.map(({ name, datatype, data }) => ({ name, datatype, cells: (data as unknown[]).flat(64) as Cell[] }));
}

/** One row as it was hashed: values by column name. Undefined when the cells are not those of so many rows. */
export function rowColumns(tensors: readonly AnswerTensor[], row: number, rows: number): Record<string, Plain | Plain[]> | undefined {
  if (tensors.some(({ cells }) => cells.length % rows !== 0)) return undefined;
  return Object.fromEntries(
    tensors.map(({ name, datatype, cells }) => {
      const length = cells.length / rows;
      return [name, columnOf(datatype, cells.slice(row * length, (row + 1) * length))];
    }),
  );
}

function columnOf(datatype: string, cells: readonly Cell[]): Plain | Plain[] {
  const [first] = cells;
  if (cells.length === 1) return single(datatype, first as Cell);
  // lists of texts are recorded as one text
  if (typeof first === 'string') return JSON.stringify(cells);
  return cells.map((cell) => textWhereNoNumber(cell === null ? Number.NaN : rounded(datatype, Number(cell))));
}

function single(datatype: string, cell: Cell): Plain {
  if (cell === null || typeof cell === 'string') return cell;
  if (datatype === 'BOOL') return Boolean(cell);
  // unsigned values above the signed range are recorded as a double
  if (typeof cell === 'bigint') return datatype.includes('INT') && cell < 2n ** 63n ? String(cell) : rounded(datatype, Number(cell));
  return textWhereNoNumber(rounded(datatype, Number(cell)));
}

function textWhereNoNumber(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

function rounded(datatype: string, value: number): number {
  return datatype === 'FP32' ? Math.fround(value) : value;
}
