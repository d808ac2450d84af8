import type { Encoding } from './encoding.js';
import type { Row } from './row.js';

/** Sparse rows: `width` (column, value) pairs per row, stored one after another; column -1 is padding. */
export interface DesignMatrix {
  readonly rowCount: number;
  readonly columnCount: number;
  readonly width: number;
  readonly columns: Int32Array;
  readonly values: Float64Array;
}

/** Encodes rows with a fitted encoding. */
export function encodeRows(encoding: Encoding, rows: readonly Row[]): DesignMatrix {
  const width = encoding.features.reduce((sum, feature) => sum + (feature.kind === 'categorical' ? 1 : 2), 0);
  const columns = new Int32Array(rows.length * width).fill(-1);
  const values = new Float64Array(rows.length * width);
  let at = 0;
  for (const { cells } of rows) {
    for (const [position, feature] of encoding.features.entries()) {
      const cell = cells[position]!;
      if (feature.kind === 'categorical') {
        columns[at] = feature.columns.get(String(cell)) ?? feature.otherColumn;
        values[at++] = 1;
        continue;
      }
      const number = Number(cell);
      const isMissing = Number.isNaN(number);
      columns[at] = feature.valueColumn;
      values[at++] = ((isMissing ? feature.median : number) - feature.mean) / feature.deviation;
      columns[at] = isMissing ? feature.missingColumn : -1;
      values[at++] = isMissing ? 1 : 0;
    }
  }
  return { rowCount: rows.length, columnCount: encoding.columnCount, width, columns, values };
}
