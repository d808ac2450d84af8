import { textFault } from '../storable-text.js';
import { type Reason, shown } from '../validation/reason.js';

/** The first cell that not every store takes, as a reason; undefined when there is none. */
export function unstorableCell(columns: readonly string[], cells: readonly unknown[]): Reason | undefined {
  for (let at = 0; at < cells.length; at++) {
    const cell = cells[at];
    const message = typeof cell === 'string' ? textFault(cell) : undefined;
    if (message !== undefined) {
      const name = columns[at] ?? '';
      return { code: 'unstorable_text', field: name.slice(0, 200), message: `${shown(name)} ${message}` };
    }
  }
  return undefined;
}
