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

/** What a batch is measured by as a whole. */
export interface BatchMeasures {
  readonly recordCount: number;
  readonly missing: Record<string, number>;
  readonly expectations: { text: string; measured: number; holds: boolean }[];
}

/** What a cell costs beside its text, in characters: bounds the faults of one chunk, too. */
const cellWeight = 16;

/** Checks the records of a batch one at a time; knows nothing of other batches, and holds records only until they are taken. */
export class BatchCheck {
  private valid: ValidRow[] = [];
  private refused: RefusedRow[] = [];
  private readonly missing: number[];
  private readonly names: string[];
  private readonly counter: ExpectationCounter;
  private recordCount = 0;
  private weight = 0;

  constructor(private readonly contract: CompiledContract) {
    this.missing = contract.rules.map(() => 0);
    this.names = contract.rules.map(({ name }) => name);
    this.counter = new ExpectationCounter(contract.expectations);
  }

  /** Roughly how much is held, in characters. */
  get heldCharacters(): number {
    return this.weight;
  }

  add(parsed: ParsedRow): void {
    this.recordCount++;
    this.weight += parsed.length + cellWeight * this.names.length;
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

  /** Hands over the records checked since the last call. */
  take(): { valid: ValidRow[]; refused: RefusedRow[] } {
    const { valid, refused } = this;
    [this.valid, this.refused, this.weight] = [[], [], 0];
    return { valid, refused };
  }

  measures(): BatchMeasures {
    const missing = Object.fromEntries(this.names.map((name, i) => [name, this.missing[i]!]));
    return { recordCount: this.recordCount, missing, expectations: this.counter.outcomes(this.recordCount) };
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
