import type { ParsedRow } from '../batches/parsed-row.js';
import type { CompiledContract } from '../contracts/compile-contract.js';
import type { Repair } from '../repairs/mend-text.js';
import { type BatchProfile, BatchProfiler } from './batch-profile.js';
import type { CellValue } from './column-rule.js';
import { ExpectationCounter, type Outcome } from './expectation.js';
import { type FlagCounts, Guards, type KnownRange } from './guards.js';
import { NearDuplicates, signatureOf } from './near-duplicates.js';
import type { Reason } from './reason.js';
import { duplicateReason, uniquenessDigest } from './uniqueness.js';

/** A record that met its contract. */
export interface ValidRow {
  readonly row: number;
  readonly values: CellValue[];
  /** One digest per uniqueness rule. */
  readonly digests: (string | undefined)[];
  /** One signature per rule on near duplicates; none of a short text. */
  readonly signatures?: readonly (Uint32Array | undefined)[];
  /** What was done to its texts before they were checked. */
  readonly repairs?: readonly Repair[];
  /** Kept as a reference: its record is only made when somebody has to look at it. */
  readonly source: ParsedRow;
}

/** What a batch is checked against beside its contract. */
export interface BatchContext {
  /** When it arrived, in milliseconds since 1970. */
  readonly receivedAt: number;
  /** Range of the history of each column, in the order of the columns. */
  readonly ranges?: readonly (KnownRange | undefined)[];
}

/** A record that did not, or that is there already. */
export interface RefusedRow {
  readonly row: number;
  readonly source: ParsedRow;
  readonly reasons: Reason[];
}

/** A record that repeats another. */
export interface DuplicateRow extends RefusedRow {
  /** Whether the contract says to drop it; otherwise it goes to quarantine. */
  readonly isDropped: boolean;
}

/** What a batch is measured by as a whole. */
export interface BatchMeasures {
  readonly recordCount: number;
  readonly missing: Record<string, number>;
  readonly expectations: Outcome[];
  readonly flags: FlagCounts;
  /** Why flags alone reject the batch. */
  readonly flagRejections: readonly string[];
  readonly profile: BatchProfile;
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
  private readonly guards: Guards;
  private readonly profiler: BatchProfiler;
  private readonly mayRepair: boolean;
  private readonly near: readonly { columns: readonly number[]; isRefused: boolean; seen: NearDuplicates }[];
  private recordCount = 0;
  private weight = 0;

  constructor(
    private readonly contract: CompiledContract,
    { receivedAt, ranges = [] }: BatchContext = { receivedAt: 0 },
  ) {
    this.missing = contract.rules.map(() => 0);
    this.names = contract.rules.map(({ name }) => name);
    this.counter = new ExpectationCounter(contract.expectations, receivedAt);
    this.guards = new Guards(contract.rules, contract.settings.guards, ranges);
    this.profiler = new BatchProfiler(contract.rules);
    this.mayRepair = contract.rules.some(({ repairs, missing }) => repairs !== undefined || missing.size > 0);
    this.near = contract.quality.nearDuplicates.map(({ columns, similarity, policy }) => {
      return { columns, isRefused: policy === 'quarantine', seen: new NearDuplicates(similarity) };
    });
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
    const repairs: Repair[] | undefined = this.mayRepair ? [] : undefined;
    const values = this.contract.validate(parsed.cells, reasons, repairs);
    for (let i = 0; i < values.length; i++) if (values[i] === null) this.missing[i]!++;
    this.counter.add(values);
    this.guards.inspect(row, values, parsed.prototypeKey, reasons);
    const signatures = reasons.length === 0 && this.near.length > 0 ? this.findNearDuplicates(values, reasons) : undefined;
    if (reasons.length > 0) {
      this.refused.push({ row, source: parsed, reasons });
      return;
    }
    this.profiler.add(values);
    const digests = this.contract.uniqueness.map((rule) => uniquenessDigest(rule, values));
    const mended = repairs && repairs.length > 0 ? { repairs } : undefined;
    this.valid.push({ row, values, source: parsed, digests, ...mended, ...(signatures && { signatures }) });
  }

  /** Hands over the records checked since the last call. */
  take(): { valid: ValidRow[]; refused: RefusedRow[] } {
    const { valid, refused } = this;
    [this.valid, this.refused, this.weight] = [[], [], 0];
    return { valid, refused };
  }

  measures(): BatchMeasures {
    const { recordCount } = this;
    return {
      recordCount,
      missing: Object.fromEntries(this.names.map((name, i) => [name, this.missing[i]!])),
      expectations: this.counter.outcomes(recordCount),
      flags: this.guards.found,
      flagRejections: this.guards.rejections,
      profile: this.profiler.profile(recordCount, this.missing),
    };
  }

  private findNearDuplicates(values: readonly CellValue[], reasons: Reason[]): (Uint32Array | undefined)[] {
    return this.near.map(({ columns, isRefused, seen }) => {
      const signature = signatureOf(columns.map((column) => values[column] ?? '').join(' '));
      // what is dropped by policy has to be like a record that gets in: which ones do is known later
      if (!signature || !isRefused) return signature;
      if (seen.find(signature) !== undefined) reasons.push(nearDuplicateReason(columns.map((column) => this.names[column]!).join(',')));
      seen.remember(signature);
      return signature;
    });
  }
}

export function nearDuplicateReason(field: string): Reason {
  const expectation = 'a text that no record before nearly has';
  return { code: 'near_duplicate', field, message: `another record has nearly the same ${field}`, expectation };
}

/** The last record of each key of a batch. */
export interface LastRows {
  get(digest: string): number | undefined;
}

/**
 * Parts records to keep from repetitions, in the order of the batch, as the contract wants it: what is dropped by its policy, and what
 * goes to quarantine. `known` are the digests the dataset has already; with `last` the last of the batch is kept, and takes the place of a
 * record that the dataset has where it may: what was known of it is in `superseded`. Where it may not it goes to quarantine.
 */
export function partDuplicates(
  contract: CompiledContract,
  rows: readonly ValidRow[],
  known: ReadonlySet<string>,
  last?: LastRows,
  maySupersede = false,
): { fresh: ValidRow[]; duplicates: DuplicateRow[]; superseded: string[] } {
  const { duplicates: policy } = contract.settings;
  const seen = new Set(known);
  const fresh: ValidRow[] = [];
  const duplicates: DuplicateRow[] = [];
  const superseded: string[] = [];
  for (const row of rows) {
    const isRepeated = (digest: string) => (last ? (last.get(digest) ?? row.row) !== row.row : seen.has(digest));
    const reasonsFor = (test: (digest: string) => boolean) =>
      contract.uniqueness.flatMap((rule, i) => {
        const digest = row.digests[i];
        return digest !== undefined && test(digest) ? [duplicateReason(rule, contract.rules, row.values)] : [];
      });
    const inDataset = last && !maySupersede ? reasonsFor((digest) => known.has(digest)) : [];
    const reasons = inDataset.length > 0 ? inDataset : reasonsFor(isRepeated);
    if (reasons.length > 0 && policy !== 'keepAll') {
      const isDropped = policy !== 'quarantine' && inDataset.length === 0;
      duplicates.push({ row: row.row, source: row.source, reasons, isDropped });
      continue;
    }
    for (const digest of row.digests) {
      if (digest === undefined) continue;
      seen.add(digest);
      if (last && known.has(digest)) superseded.push(digest);
    }
    fresh.push(row);
  }
  return { fresh, duplicates, superseded };
}
