import type { ModelSignature, TensorDatatype } from '@bascule/contracts';
import { elementCount, type TensorData } from '../inference/tensor.js';
import { type Cell, isCellFault, missingCell, readCell } from '../records/cell.js';
import { type FeaturePlan, featurePlan, type PlannedInput } from '../records/feature-plan.js';
import { type ReadInput, type ReadingRules, readFeatures } from '../records/read-features.js';
import { shapeKeyOf, tensorOf } from '../records/record-tensors.js';
import type { Piece, PieceRow, RowFault, RowGroup, Stacked } from './piece-file.js';

/** What a row counts besides its cells. */
const lengthOfRow = 16;

interface Gathered {
  readonly rows: number[];
  readonly inputs: (readonly ReadInput[])[];
}

/** Gathers rows for a piece, read by the rules of records; a list in a cell of text is its JSON. */
export class PieceBuilder {
  private readonly plan: FeaturePlan;
  private readonly rules: ReadingRules;
  /** Features that are lists, by position. */
  private readonly lists: ReadonlySet<number>;
  /** Where every input takes single values: the position of the cell of each, in the order of the model. */
  private readonly places: readonly (readonly number[])[] | undefined;
  private first = 0;
  private recordIds: string[] = [];
  private times: number[] = [];
  private faults: RowFault[] = [];
  private groups = new Map<string, Gathered>();
  private plainRows: number[] = [];
  private plainCells: Cell[][] = [];
  private characters = 0;

  constructor(
    signature: Pick<ModelSignature, 'inputs' | 'outputs'>,
    private readonly features: readonly string[],
    absentFeatures: ReadingRules['absentFeatures'],
  ) {
    this.plan = featurePlan(signature);
    this.rules = { absentFeatures, unknownFeatures: 'ignore' };
    const scalars = new Set(this.plan.inputs.flatMap(({ features: named = [] }) => named));
    this.lists = new Set(features.flatMap((feature, at) => (scalars.has(feature) ? [] : [at])));
    this.places = placesOf(this.plan.inputs, features);
    this.plainCells = this.plan.inputs.map(() => []);
  }

  get rowCount(): number {
    return this.recordIds.length;
  }

  /** About so many characters or bytes the piece will have. */
  get length(): number {
    return this.characters;
  }

  add(row: PieceRow): void {
    const at = this.recordIds.length;
    if (at === 0) this.first = row.number;
    this.recordIds.push(row.recordId);
    this.times.push(row.occurredAtMs ?? Number.NaN);
    this.characters += lengthOfRow + row.recordId.length;
    if (row.fault !== undefined) {
      this.refuse(at, row.fault);
      return;
    }
    try {
      if (!this.addPlain(at, row.cells)) this.addAny(at, row.cells);
    } catch (error) {
      // a row that nobody can carry is a bad row, not the end of the job
      this.takeBack(this.plainRows.length);
      this.refuse(at, `the row cannot be carried: ${(error as Error).message}`);
    }
  }

  /** The piece; the next row begins another one. */
  take(jobId: string, piece: number): Piece {
    const { recordIds, faults, first } = this;
    const groups = [...this.groups.values()].map((gathered) => this.groupOf(gathered));
    if (this.plainRows.length > 0) groups.unshift(this.plainGroup());
    const taken = {
      jobId,
      piece,
      first,
      rowCount: recordIds.length,
      recordIds,
      occurredAtMs: Float64Array.from(this.times),
      groups,
      faults,
    };
    this.recordIds = [];
    this.times = [];
    this.faults = [];
    this.groups = new Map();
    this.plainRows = [];
    this.plainCells = this.plan.inputs.map(() => []);
    this.characters = 0;
    return taken;
  }

  private refuse(row: number, message: string): void {
    this.faults.push([row, message]);
    this.characters += message.length;
  }

  /** The short way for single values without a fault. @returns false for a row that has to be looked at closely */
  private addPlain(row: number, cells: readonly unknown[]): boolean {
    if (!this.places) return false;
    const { inputs } = this.plan;
    for (let input = 0; input < inputs.length; input++) {
      const { datatype } = inputs[input] as PlannedInput;
      const own = this.plainCells[input] as Cell[];
      for (const place of this.places[input] as readonly number[]) {
        const cell = plainCell(datatype, cells[place]);
        if (cell === undefined) {
          this.takeBack(this.plainRows.length);
          return false;
        }
        own.push(cell);
        this.characters += typeof cell === 'string' ? cell.length + 4 : 8;
      }
    }
    this.plainRows.push(row);
    return true;
  }

  /** Leaves the cells of so many rows: a row may have ended in the middle. */
  private takeBack(rows: number): void {
    for (const [input, own] of this.plainCells.entries()) own.length = rows * (this.places?.[input]?.length ?? 0);
  }

  private addAny(row: number, cells: readonly unknown[]): void {
    const record: Record<string, unknown> = Object.create(null);
    for (const [at, feature] of this.features.entries()) {
      const cell = cells[at];
      if (cell !== undefined) record[feature] = typeof cell === 'string' && this.lists.has(at) ? listOf(cell) : plainValue(cell);
    }
    const read = readFeatures(record, this.plan, this.rules);
    if (!read.inputs) {
      const told = read.faults.map(({ path, message }) => `${path.replace(/^features\.?/, '')}: ${message}`);
      this.refuse(row, told.join('; '));
      return;
    }
    const key = shapeKeyOf(read.inputs);
    const group = this.groups.get(key) ?? { rows: [], inputs: [] };
    this.groups.set(key, group);
    group.rows.push(row);
    group.inputs.push(read.inputs);
    for (const { cells: own } of read.inputs) for (const cell of own) this.characters += typeof cell === 'string' ? cell.length + 4 : 8;
  }

  private plainGroup(): RowGroup {
    const { plainRows: rows, plainCells } = this;
    const tensors = this.plan.inputs.map((planned, input) => {
      const { rowShape } = planned;
      const { data } = stacked(planned, [{ rowShape, cells: plainCells[input] as Cell[] }], rows.length);
      return { datatype: planned.datatype, rowShape, data };
    });
    return { rows: Uint32Array.from(rows), tensors };
  }

  private groupOf({ rows, inputs }: Gathered): RowGroup {
    const tensors = this.plan.inputs.map((planned, position): Stacked => {
      const parts = inputs.map((read) => read[position] as ReadInput);
      const rowShape = (parts[0] as ReadInput).rowShape;
      return { datatype: planned.datatype, rowShape, data: stacked(planned, parts, rows.length).data };
    });
    return { rows: Uint32Array.from(rows), tensors };
  }
}

function stacked(planned: PlannedInput, parts: readonly ReadInput[], rows: number): { data: TensorData } {
  const [{ rowShape }] = parts as [ReadInput];
  // all cells in one list, whatever axes the model has
  const cells = parts.length === 1 ? (parts[0] as ReadInput).cells : parts.flatMap((part) => part.cells);
  return tensorOf({ ...planned, rowShape: [rows * elementCount(rowShape)], hasBatchAxis: false }, [
    { rowShape: [rows * elementCount(rowShape)], cells },
  ]);
}

/** The positions of the cells of each input; undefined where an input takes a list. */
function placesOf(inputs: readonly PlannedInput[], features: readonly string[]): readonly (readonly number[])[] | undefined {
  const places = inputs.map(({ features: named = [] }) => named.map((name) => features.indexOf(name)));
  return places.some((own) => own.length === 0 || own.includes(-1)) ? undefined : places;
}

function plainCell(datatype: TensorDatatype, raw: unknown): Cell | undefined {
  if (raw === undefined) return undefined;
  const value = plainValue(raw);
  if (value === null) return missingCell(datatype);
  if (value === '' && missingCell(datatype) === undefined) return undefined;
  const read = readCell(datatype, value);
  return isCellFault(read) ? undefined : read;
}

/** A cell as a record would carry it: dates and raw bytes as text, not a number as missing. */
function plainValue(value: unknown): unknown {
  if (typeof value === 'number') return Number.isNaN(value) ? null : value;
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  if (Array.isArray(value)) return value.map(plainValue);
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as ArrayLike<number | bigint>, plainValue);
  return value;
}

function listOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
