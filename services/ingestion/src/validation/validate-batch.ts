import type { ParsedRow } from '../batches/parsed-row.js';
import type { CompiledContract } from '../contracts/compile-contract.js';
import type { CellValue } from './column-rule.js';
import { ExpectationCounter } from './expectation.js';
import type { Reason } from './reason.js';
import { duplicateReason, uniquenessDigest } from './uniqueness.js';

/** A record that met its contract. */
export interface ValidRow {
  readonly row: number;
  readonly values: CellValue[];
  /** One digest per uniqueness rule. */
  readonly digests: (string | undefined)[];
  /** Kept as a reference: its record is only made when somebody has to look at it. */
  readonly source: ParsedRow;
}

/** A record that did not, or that is there already. */
export interface RefusedRow {
  readonly row: number;
  readonly source: ParsedRow;
  readonly reasons: Reason[];
}

export interface CheckedBatch {
  readonly recordCount: number;
  readonly valid: ValidRow[];
  readonly refused: RefusedRow[];
  readonly missing: Record<string, number>;
  readonly expectations: { text: string; measured: number; holds: boolean }[];
}

/** Checks the records of a batch one at a time; knows nothing of other batches. */
export class BatchCheck {
  private readonly valid: ValidRow[] = [];
  private readonly refused: RefusedRow[] = [];
  private readonly missing: number[];
  private readonly names: string[];
  private readonly counter: ExpectationCounter;
  private recordCount = 0;

  constructor(private readonly contract: CompiledContract) {
    this.missing = contract.rules.map(() => 0);
    this.names = contract.rules.map(({ name }) => name);
    this.counter = new ExpectationCounter(contract.expectations);
  }

  add(parsed: ParsedRow): void {
    this.recordCount++;
    const { row, fault } = parsed;
    if (fault) {
      this.refused.push({ row, source: parsed, reasons: [fault] });
      return;
    }
    const reasons: Reason[] = [];
    const values = this.contract.validate(parsed.cells, reasons);
    for (let i = 0; i < values.length; i++) if (values[i] === null) this.missing[i]!++;
    this.counter.add(values);
    if (reasons.length > 0) this.refused.push({ row, source: parsed, reasons });
    else
      this.valid.push({
        row,
        values,
        source: parsed,
        digests: this.contract.uniqueness.map((rule) => uniquenessDigest(rule, values)),
      });
  }

  result(): CheckedBatch {
    const missing = Object.fromEntries(this.names.map((name, i) => [name, this.missing[i]!]));
    const { recordCount, valid, refused } = this;
    return { recordCount, valid, refused, missing, expectations: this.counter.outcomes(recordCount) };
  }
}

/** Parts first occurrences from repetitions, in the order of the batch; `known` are the digests the dataset has already. */
export function partDuplicates(
  contract: CompiledContract,
  rows: readonly ValidRow[],
  known: ReadonlySet<string>,
): { fresh: ValidRow[]; duplicates: RefusedRow[] } {
  const seen = new Set(known);
  const fresh: ValidRow[] = [];
  const duplicates: RefusedRow[] = [];
  for (const row of rows) {
    const reasons = contract.uniqueness.flatMap((rule, i) => {
      const digest = row.digests[i];
      return digest !== undefined && seen.has(digest) ? [duplicateReason(rule, contract.rules, row.values)] : [];
    });
    if (reasons.length > 0) {
      duplicates.push({ row: row.row, source: row.source, reasons });
      continue;
    }
    for (const digest of row.digests) if (digest !== undefined) seen.add(digest);
    fresh.push(row);
  }
  return { fresh, duplicates };
}
