import type { NumberColumn, TextColumn, TimeColumn } from './frame.js';
import { type Cell, datatypeOf, type Feature, type Row, readText } from './row.js';

/** A column that grows: numbers, or texts by their position in a dictionary. */
interface GrowingColumn {
  values: Float64Array | Float32Array | Int32Array;
  readonly dictionary: string[];
  readonly codes: Map<string, number>;
}

/** Rows of a dataset by columns: some 4 bytes a cell instead of an object. */
export class RowStore {
  private readonly columns: GrowingColumn[];
  private times: Float64Array;
  private labels: Float64Array;
  private readonly groups: string[] = [];
  private count = 0;

  /** @param rowCount rows that are expected: room that grows is kept twice for a while */
  constructor(
    private readonly features: readonly Feature[],
    rowCount = 1024,
  ) {
    const size = Math.max(rowCount, 1);
    this.columns = features.map((feature) => ({ values: roomFor(feature, size), dictionary: [], codes: new Map() }));
    this.times = new Float64Array(size);
    this.labels = new Float64Array(size);
  }

  /** Keeps a row, and gives it as it will be read from now on. */
  add({ occurredAt, label, cells, group }: Row): Row {
    const at = this.count++;
    if (at === this.times.length) this.grow();
    this.times[at] = occurredAt;
    this.labels[at] = label;
    if (group !== undefined) this.groups[at] = group;
    for (const [position, column] of this.columns.entries()) {
      column.values[at] = column.values instanceof Int32Array ? codeOf(column, readText(String(cells[position]))) : Number(cells[position]);
    }
    return new StoredRow(this, at);
  }

  timeAt(at: number): number {
    return this.times[at]!;
  }

  labelAt(at: number): number {
    return this.labels[at]!;
  }

  groupAt(at: number): string | undefined {
    return this.groups[at];
  }

  cellsAt(at: number): Cell[] {
    return this.columns.map(({ values, dictionary }) => (values instanceof Int32Array ? dictionary[values[at]!]! : values[at]!));
  }

  cellAt(at: number, position: number): Cell {
    const { values, dictionary } = this.columns[position]!;
    return values instanceof Int32Array ? dictionary[values[at]!]! : values[at]!;
  }

  /** Some of the rows of one column, when it is the column of that feature. */
  columnOf(feature: Feature, position: number, rows: readonly StoredRow[]): NumberColumn | TimeColumn | TextColumn | undefined {
    const own = this.features[position];
    const column = this.columns[position];
    if (!column || own?.name !== feature.name || datatypeOf(own) !== datatypeOf(feature)) return undefined;
    const { values, dictionary } = column;
    if (values instanceof Float64Array) return { kind: 'times', values: Float64Array.from(rows, ({ at }) => values[at]!) };
    const taken = new SharedArrayBuffer(4 * rows.length);
    if (values instanceof Float32Array) {
      const numbers = new Float32Array(taken);
      for (let i = 0; i < numbers.length; i++) numbers[i] = values[rows[i]!.at]!;
      return { kind: 'numbers', values: numbers };
    }
    const codes = new Int32Array(taken);
    for (let i = 0; i < codes.length; i++) codes[i] = values[rows[i]!.at]!;
    return { kind: 'texts', codes, dictionary };
  }

  private grow(): void {
    const size = Math.ceil(this.times.length * 1.5) + 1;
    this.times = grown(this.times, new Float64Array(size));
    this.labels = grown(this.labels, new Float64Array(size));
    for (const [position, column] of this.columns.entries()) column.values = grown(column.values, roomFor(this.features[position]!, size));
  }
}

/** A row whose values stay in its store until they are asked for. */
export class StoredRow implements Row {
  constructor(
    readonly store: RowStore,
    readonly at: number,
  ) {}

  get occurredAt(): number {
    return this.store.timeAt(this.at);
  }

  get label(): number {
    return this.store.labelAt(this.at);
  }

  get cells(): readonly Cell[] {
    return this.store.cellsAt(this.at);
  }

  get group(): string | undefined {
    return this.store.groupAt(this.at);
  }
}

/** One cell of a row; of a stored row nothing else is put together. */
export function cellAt(row: Pick<Row, 'cells'>, position: number): Cell {
  return row instanceof StoredRow ? row.store.cellAt(row.at, position) : row.cells[position]!;
}

function roomFor(feature: Feature, size: number): GrowingColumn['values'] {
  const datatype = datatypeOf(feature);
  if (datatype === 'FP32') return new Float32Array(size);
  return datatype === 'FP64' ? new Float64Array(size) : new Int32Array(size);
}

function grown<Values extends GrowingColumn['values']>(old: Values, room: Values): Values {
  room.set(old);
  return room;
}

function codeOf({ dictionary, codes }: GrowingColumn, text: string): number {
  const known = codes.get(text);
  if (known !== undefined) return known;
  codes.set(text, dictionary.length);
  dictionary.push(text);
  return dictionary.length - 1;
}
