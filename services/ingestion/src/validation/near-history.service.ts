import { Injectable } from '@nestjs/common';
import type { BatchEntity } from '../batches/batch.entity.js';
import type { CompiledContract } from '../contracts/compile-contract.js';
import type { NearDuplicatesRule } from '../contracts/expectations-of.js';
import type { LaterTexts } from './later-texts.js';
import { NearDuplicates, signatureLength } from './near-duplicates.js';
import { NearTexts } from './near-texts.queries.js';
import { type DuplicateRow, nearDuplicateReason, type RefusedRow, type ValidRow } from './validate-batch.js';

/** Texts that are written at once: a megabyte of signatures. */
const blockTexts = 4096;

/** The texts of a dataset under one rule: what was taken before, and what is new. */
interface RuleHistory {
  readonly rule: string;
  readonly field: string;
  readonly policy: NearDuplicatesRule['policy'];
  /** What the dataset took; where the first of a batch is kept also those that were kept of it. */
  readonly seen: NearDuplicates;
  readonly fresh: { signature: Uint32Array; owner: bigint }[];
  block: number;
}

/** Holds the texts of a batch against those of the batches before it. */
@Injectable()
export class NearHistory {
  constructor(private readonly texts: NearTexts) {}

  /**
   * Reads what the dataset took last; undefined where there is nothing to hold texts against, to remember or to forget.
   * @param later of each rule, where the last record of several is the one to keep
   */
  async open(
    batch: BatchEntity,
    { quality, rules, uniqueness }: CompiledContract,
    later: readonly LaterTexts[] = [],
  ): Promise<OpenHistory | undefined> {
    const { datasetName, publishAs } = batch;
    const replacesAll = publishAs.mode === 'replace';
    if (quality.nearDuplicates.length === 0 && !replacesAll) return undefined;
    // rows of a window come again, and without a key nobody can say which they are; what a person sent again was looked at
    const isBlind = (publishAs.mode === 'window' && uniqueness.length === 0) || (await this.texts.isResubmitted(batch.id));
    const histories: RuleHistory[] = [];
    for (const { columns, similarity, policy } of quality.nearDuplicates) {
      const names = columns.map((column) => rules[column]!.name);
      const seen = new NearDuplicates(similarity);
      const rule = JSON.stringify(names);
      // texts that are about to go are nothing to be like
      if (!replacesAll && !isBlind) await this.recall(seen, datasetName, rule);
      histories.push({ rule, field: names.join(','), policy, seen, fresh: [], block: 0 });
    }
    return new OpenHistory(this.texts, batch, histories, later);
  }

  private async recall(seen: NearDuplicates, datasetName: string, rule: string): Promise<void> {
    for await (const { signatures, owners } of this.texts.blocks(datasetName, rule))
      for (let at = 0; at < owners.length; at++)
        seen.remember(signatures.subarray(at * signatureLength, (at + 1) * signatureLength), owners[at]);
  }
}

/** The history of a dataset while one batch is sorted. */
export class OpenHistory {
  private mustForget: boolean;

  constructor(
    private readonly texts: NearTexts,
    private readonly batch: Pick<BatchEntity, 'id' | 'datasetName' | 'publishAs'>,
    private readonly histories: readonly RuleHistory[],
    private readonly later: readonly LaterTexts[],
  ) {
    this.mustForget = batch.publishAs.mode === 'replace';
  }

  /** Parts rows that are like none before, which are remembered, from near duplicates: those to refuse, and those that the policy says to drop. */
  async part(rows: readonly ValidRow[]): Promise<{ fresh: ValidRow[]; refused: RefusedRow[]; dropped: DuplicateRow[] }> {
    const fresh: ValidRow[] = [];
    const refused: RefusedRow[] = [];
    const dropped: DuplicateRow[] = [];
    for (const row of rows) {
      const near = this.histories.flatMap((history, i) => {
        const fate = this.fateOf(history, i, row);
        return fate === undefined ? [] : [{ fate, reason: nearDuplicateReason(history.field) }];
      });
      const found = { row: row.row, source: row.source, reasons: near.map(({ reason }) => reason) };
      if (near.some(({ fate }) => fate === 'refused')) refused.push(found);
      else if (near.length > 0) dropped.push({ ...found, isDropped: true });
      else {
        fresh.push(row);
        this.remember(row);
      }
    }
    // not sooner: where nothing is accepted the rows stay, and what they are like stays known
    if (this.mustForget && fresh.length > 0) {
      await this.texts.forget(this.batch.datasetName);
      this.mustForget = false;
    }
    for (const history of this.histories) if (history.fresh.length >= blockTexts) await this.write(history);
    return { fresh, refused, dropped };
  }

  private fateOf({ policy, seen }: RuleHistory, at: number, row: ValidRow): 'refused' | 'dropped' | undefined {
    const signature = row.signatures?.[at];
    if (signature === undefined) return undefined;
    if (policy === 'keepLast' && this.later[at]?.has(row.row)) return 'dropped';
    if (seen.find(signature, ownerOf(row)) === undefined) return undefined;
    // one that the dataset has cannot give way to the last: nobody says which record it is
    return policy === 'keepFirst' ? 'dropped' : 'refused';
  }

  private remember(row: ValidRow): void {
    const owner = ownerOf(row);
    this.histories.forEach(({ policy, seen, fresh }, i) => {
      const signature = row.signatures?.[i];
      if (!signature) return;
      fresh.push({ signature, owner });
      if (policy === 'keepFirst') seen.remember(signature, owner);
    });
  }

  /** Writes what is new, and forgets what is too old. */
  async finish(): Promise<void> {
    for (const history of this.histories) {
      await this.write(history);
      await this.texts.prune(this.batch.datasetName, history.rule);
    }
  }

  private async write(history: RuleHistory): Promise<void> {
    const texts = history.fresh.splice(0);
    for (let from = 0; from < texts.length; from += blockTexts) {
      const some = texts.slice(from, from + blockTexts);
      const signatures = new Uint32Array(some.length * signatureLength);
      for (const [at, { signature }] of some.entries()) signatures.set(signature, at * signatureLength);
      const owners = BigUint64Array.from(some, ({ owner }) => owner);
      await this.texts.add(this.batch.datasetName, history.rule, this.batch.id, history.block++, { signatures, owners });
    }
  }
}

/** Whose text it is, by the first key of the record: a record that is corrected is no near duplicate of itself. */
function ownerOf({ digests }: ValidRow): bigint {
  const [digest] = digests;
  return digest === undefined ? 0n : BigInt(`0x${digest.slice(0, 16)}`);
}
