import { limitFault, type ModelSignature } from '@bascule/contracts';
import type { PieceRow } from '../batch-files/piece-file.js';
import { featurePlan } from '../records/feature-plan.js';
import type { FeatureColumn } from './feature-columns.js';

/** What was found about the values of one column: nothing that keeps a row from its answer, but the answer may be worth little. */
export interface ColumnFinding extends FeatureColumn {
  readonly kind: 'missing' | 'outside_contract';
  readonly message: string;
  readonly rows: number;
  /** Number of the first such row, from 1. */
  readonly firstRow: number;
}

const maxFindings = 200;

/** Counts, row by row, values that are missing and those that the contract of the training data does not allow. */
export class ColumnFindings {
  private readonly found = new Map<string, ColumnFinding>();
  private readonly faultsOf: readonly ((cell: unknown) => string | undefined)[];

  /** @param known what was found in the rows before */
  constructor(
    private readonly columns: readonly FeatureColumn[],
    signature: Pick<ModelSignature, 'inputs' | 'outputs'>,
    known: readonly ColumnFinding[],
  ) {
    for (const finding of known) this.found.set(keyOf(finding), finding);
    const { inputs } = featurePlan(signature);
    this.faultsOf = columns.map(({ feature }) => {
      const limits = inputs.find((input) => input.name === feature)?.limits;
      return limits ? (cell) => limitFault(limits, typeof cell === 'bigint' ? Number(cell) : cell) : () => undefined;
    });
  }

  note({ number, cells, fault }: PieceRow): void {
    if (fault !== undefined) return;
    for (const [at, column] of this.columns.entries()) {
      const cell = cells[at];
      const isMissing = cell === null || cell === undefined || cell === '' || Number.isNaN(cell);
      if (isMissing) this.add({ ...column, kind: 'missing', message: 'there is no value' }, number);
      else {
        const reason = this.faultsOf[at]?.(cell);
        if (reason !== undefined) this.add({ ...column, kind: 'outside_contract', message: `the value ${reason}` }, number);
      }
    }
  }

  /** What was found so far, most rows first. */
  list(): ColumnFinding[] {
    return [...this.found.values()].sort((a, b) => b.rows - a.rows || a.firstRow - b.firstRow);
  }

  private add(about: Omit<ColumnFinding, 'rows' | 'firstRow'>, row: number): void {
    const key = keyOf(about);
    const known = this.found.get(key);
    if (!known && this.found.size >= maxFindings) return;
    this.found.set(key, { ...about, rows: (known?.rows ?? 0) + 1, firstRow: known?.firstRow ?? row });
  }
}

function keyOf({ feature, message }: Pick<ColumnFinding, 'feature' | 'message'>): string {
  return `${message}|${feature}`;
}
