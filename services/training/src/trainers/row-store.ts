import type { NumberColumn, TextColumn, TimeColumn } from './frame.js';
import { type Cell, datatypeOf, type Feature, type Row, readText } from './row.js';
import { StoredRows } from './stored-rows.js';

type NumberValues = Float64Array<SharedArrayBuffer> | Float32Array<SharedArrayBuffer>;
type Codes = Int32Array<SharedArrayBuffer>;

/** A column that grows: numbers, or texts by their position in a dictionary. */
interface GrowingColumn {
  values: NumberValues | Codes;
  readonly dictionary: string[];
  readonly codes: Map<string, number>;
}

/** Rows of a dataset by columns, in memory that threads can share: 4 bytes a cell and 16 for time and label instead of an object. */
export class RowStore {
  private readonly columns: GrowingColumn[];
  private times: Float64Array;
  private labels: Float64Array;
  private groups: GrowingColumn | undefined;
  private count = 0;

  /** @param rowCount rows that are expected: room that grows is kept twice for a while */
  constructor(
    private readonly features: readonly Feature[],
    rowCount = 1024,
  ) {
    const size = Math.max(rowCount, 1);
    this.columns = features.map((feature) => newColumn(roomFor(feature, size)));
    this.times = new Float64Array(size);
    this.labels = new Float64Array(size);
  }

  /** All rows, in the order they were added. */
  rows(): StoredRows {
    return new StoredRows(
      this,
      Uint32Array.from({ length: this.count }, (_, at) => at),
    );
  }

  get length(): number {
    return this.count;
  }

  /** The rows at these positions alone, in memory of their own. */
  only(positions: Uint32Array): RowStore {
    const own = new RowStore(this.features, positions.length);
    own.count = positions.length;
    gather(this.times, positions, own.times);
    gather(this.labels, positions, own.labels);
    if (this.groups) {
      own.groups = { ...this.groups, values: integers(own.times.length) };
      gather(this.groups.values, positions, own.groups.values);
    }
    for (const [at, column] of this.columns.entries()) {
      const { values } = own.columns[at]!;
      gather(column.values, positions, values);
      own.columns[at] = { ...column, values };
    }
    return own;
  }

  /** Keeps a row. */
  add({ occurredAt, label, cells, group }: Row): void {
    const at = this.room(1);
    this.setHead(at, occurredAt, label);
    if (group !== undefined) this.setGroup(at, group);
    for (const [column, cell] of cells.slice(0, this.columns.length).entries()) this.setCell(at, column, cell);
  }

  /** Makes room for rows that are to be set. @returns the position of the first */
  room(count: number): number {
    const first = this.count;
    this.count += count;
    while (this.count > this.times.length) this.grow();
    return first;
  }

  setHead(at: number, occurredAt: number, label: number): void {
    this.times[at] = occurredAt;
    this.labels[at] = label;
  }

  setGroup(at: number, group: string): void {
    this.groups ??= newColumn(integers(this.times.length));
    // 0 says that a row has none
    this.groups.values[at] = codeOf(this.groups, group) + 1;
  }

  setCell(at: number, column: number, cell: Cell): void {
    const own = this.columns[column]!;
    own.values[at] = own.values instanceof Int32Array ? codeOf(own, readText(String(cell))) : Number(cell);
  }

  timeAt(at: number): number {
    return this.times[at]!;
  }

  labelAt(at: number): number {
    return this.labels[at]!;
  }

  groupAt(at: number): string | undefined {
    return this.groups?.dictionary[this.groups.values[at]! - 1];
  }

  cellsAt(at: number): Cell[] {
    return this.columns.map((_, column) => this.cellAt(at, column));
  }

  cellAt(at: number, column: number): Cell {
    const { values, dictionary } = this.columns[column]!;
    return values instanceof Int32Array ? dictionary[values[at]!]! : values[at]!;
  }

  /** What the cells of a column are as numbers: of texts what `of` says of each that occurs. */
  numbersOf(column: number, of: (text: string) => number): (at: number) => number {
    const { values, dictionary } = this.columns[column]!;
    if (!(values instanceof Int32Array)) return (at) => values[at]!;
    const known = dictionary.map(of);
    return (at) => known[values[at]!]!;
  }

  /** Some of the rows of one column, when it is the column of that feature; rows that lie side by side stay where they are. */
  columnOf(feature: Feature, column: number, positions: Uint32Array): NumberColumn | TimeColumn | TextColumn | undefined {
    const own = this.features[column];
    const found = this.columns[column];
    if (!found || own?.name !== feature.name || datatypeOf(own) !== datatypeOf(feature)) return undefined;
    const { values, dictionary } = found;
    if (values instanceof Float64Array) return { kind: 'times', values: taken(values, positions, times) };
    if (values instanceof Float32Array) return { kind: 'numbers', values: taken(values, positions, floats) };
    return { kind: 'texts', codes: taken(values, positions, integers), dictionary };
  }

  private grow(): void {
    const size = Math.ceil(this.times.length * 1.5) + 1;
    this.times = grown(this.times, new Float64Array(size));
    this.labels = grown(this.labels, new Float64Array(size));
    if (this.groups) this.groups.values = grown(this.groups.values, integers(size));
    for (const [column, own] of this.columns.entries()) own.values = grown(own.values, roomFor(this.features[column]!, size));
  }
}

const floats = (size: number) => new Float32Array(new SharedArrayBuffer(4 * size));
const times = (size: number) => new Float64Array(new SharedArrayBuffer(8 * size));
const integers = (size: number) => new Int32Array(new SharedArrayBuffer(4 * size));

const newColumn = (values: GrowingColumn['values']): GrowingColumn => ({ values, dictionary: [], codes: new Map() });

function roomFor(feature: Feature, size: number): GrowingColumn['values'] {
  const datatype = datatypeOf(feature);
  if (datatype === 'FP32') return floats(size);
  return datatype === 'FP64' ? times(size) : integers(size);
}

function grown<Values extends GrowingColumn['values'] | Float64Array>(old: Values, room: Values): Values {
  room.set(old);
  return room;
}

/** Values at positions: in the same memory where they follow one another. */
function taken<Values extends GrowingColumn['values']>(values: Values, positions: Uint32Array, room: (size: number) => Values): Values {
  const first = positions[0] ?? 0;
  const isTogether = positions.every((position, at) => position === first + at);
  if (isTogether) return values.subarray(first, first + positions.length) as Values;
  const own = room(positions.length);
  gather(values, positions, own);
  return own;
}

/** Copies the values at positions to the beginning of other memory. */
function gather(values: ArrayLike<number>, positions: Uint32Array, into: { [at: number]: number }): void {
  for (let at = 0; at < positions.length; at++) into[at] = values[positions[at]!]!;
}

function codeOf({ dictionary, codes }: GrowingColumn, text: string): number {
  const known = codes.get(text);
  if (known !== undefined) return known;
  codes.set(text, dictionary.length);
  dictionary.push(text);
  return dictionary.length - 1;
}
