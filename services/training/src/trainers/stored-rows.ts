import type { Cell, Row, Rows } from './row.js';
import type { RowStore } from './row-store.js';

/** A row whose values stay in its store until they are asked for. */
export class StoredRow implements Row {
  constructor(
    readonly store: RowStore,
    readonly position: number,
  ) {}

  get occurredAt(): number {
    return this.store.timeAt(this.position);
  }

  get label(): number {
    return this.store.labelAt(this.position);
  }

  get cells(): readonly Cell[] {
    return this.store.cellsAt(this.position);
  }

  get group(): string | undefined {
    return this.store.groupAt(this.position);
  }
}

/** Some rows of a store, four bytes each: a row becomes an object only while it is looked at. */
export class StoredRows implements Rows {
  constructor(
    readonly store: RowStore,
    readonly positions: Uint32Array,
  ) {}

  get length(): number {
    return this.positions.length;
  }

  /** The same rows in a store of their own; themselves where they are all of theirs. */
  alone(): StoredRows {
    return this.length === this.store.length ? this : this.store.only(this.positions).rows();
  }

  at(index: number): Row | undefined {
    const position = this.positions.at(index);
    return position === undefined ? undefined : new StoredRow(this.store, position);
  }

  /** The same positions in the same memory. */
  slice(from?: number, to?: number): StoredRows {
    return new StoredRows(this.store, this.positions.subarray(from, to));
  }

  filter(keep: (row: Row) => boolean): StoredRows {
    const kept = new Uint32Array(this.length);
    let count = 0;
    for (const position of this.positions) if (keep(new StoredRow(this.store, position))) kept[count++] = position;
    return count === this.length ? this : new StoredRows(this.store, kept.slice(0, count));
  }

  every(holds: (row: Row) => boolean): boolean {
    return this.positions.every((position) => holds(new StoredRow(this.store, position)));
  }

  map<Of>(of: (row: Row, index: number) => Of): Of[] {
    return Array.from({ length: this.length }, (_, index) => of(new StoredRow(this.store, this.positions[index]!), index));
  }

  *[Symbol.iterator](): Generator<Row> {
    for (const position of this.positions) yield new StoredRow(this.store, position);
  }
}

/** One cell of a row; of a stored row nothing else is put together. */
export function cellAt(row: Pick<Row, 'cells'>, column: number): Cell {
  return row instanceof StoredRow ? row.store.cellAt(row.position, column) : row.cells[column]!;
}
