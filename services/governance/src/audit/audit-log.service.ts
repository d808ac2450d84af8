import { Transactions } from '@bascule/database';
import { Clock, Logger, Metrics } from '@bascule/platform';
import {
  appendLeaves,
  consistencyShape,
  foldSubtrees,
  inclusionShape,
  newSalt,
  type Subtree,
  subtreesOf,
  type TreeHead,
} from '@bascule/proofs';
import { Injectable } from '@nestjs/common';
import { entryNotFound, sizeOutOfRange } from '../errors.js';
import {
  type EntryFilter,
  hasEvent,
  insertEntry,
  insertIndexes,
  listEntries,
  lockHead,
  readEntries,
  readHashes,
  readHead,
  type StoredEntry,
  saveHead,
} from './audit.queries.js';
import { auditRecord, type ReceivedMessage } from './audit-record.js';

/** The Merkle log over everything that happened: appends, and proves out of stored subtrees without reading the leaves. */
@Injectable()
export class AuditLogService {
  private readonly appended;

  constructor(
    private readonly transactions: Transactions,
    private readonly clock: Clock,
    private readonly log: Logger,
    metrics: Metrics,
  ) {
    this.appended = metrics.counter('governance_audit_entries_total', 'Entries this replica appended to the audit log.');
  }

  /** Appends a message once, whatever stream position it came from; false when its event is in the log already. */
  async append(message: ReceivedMessage): Promise<boolean> {
    const record = auditRecord(message, newSalt(), this.clock.now());
    const isNew = await this.transactions.run(async (manager) => {
      const head = await lockHead(manager);
      if (await hasEvent(manager, record.facts.id)) return false;
      const grown = appendLeaves(head, [record.leafHash]);
      await insertEntry(manager, head.size, message, record);
      await insertIndexes(manager, head.size, record);
      await saveHead(manager, grown.head, grown.completed);
      return true;
    });
    if (isNew) this.transactions.afterCommit(() => this.appended.add(1, { type: record.facts.type }));
    else this.log.debug({ eventId: record.facts.id }, 'the event is in the log already');
    return isNew;
  }

  /** Size and right edge as committed. */
  async head(): Promise<TreeHead> {
    return readHead(this.transactions.manager);
  }

  async size(): Promise<number> {
    return (await this.head()).size;
  }

  /** Root of the log when it had that many entries. */
  async rootAt(size: number): Promise<Buffer> {
    const [root] = await this.fold([subtreesOf(0, await this.requireSize(size))]);
    return root!;
  }

  /** Inclusion proofs of several entries in the log of one size, out of one read. */
  async inclusionProofs(indexes: readonly number[], size: number): Promise<Buffer[][]> {
    await this.requireSize(size);
    const missing = indexes.find((index) => index >= size);
    if (missing !== undefined) throw entryNotFound({ index: missing, size });
    const shapes = indexes.map((index) => inclusionShape(index, size));
    const folded = await this.fold(shapes.flat());
    return shapes.map((shape) => folded.splice(0, shape.length));
  }

  async consistencyProof(from: number, to: number): Promise<Buffer[]> {
    await this.requireSize(to);
    if (from > to) throw sizeOutOfRange({ from, to });
    return this.fold(consistencyShape(from, to));
  }

  async entries(indexes: readonly number[]): Promise<StoredEntry[]> {
    return readEntries(this.transactions.manager, indexes);
  }

  /** Newest first. */
  async list(filter: EntryFilter, limit: number): Promise<StoredEntry[]> {
    return listEntries(this.transactions.manager, filter, limit);
  }

  private async requireSize(size: number): Promise<number> {
    const now = await this.size();
    if (size > now) throw sizeOutOfRange({ size, now });
    return size;
  }

  private async fold(shape: readonly Subtree[][]): Promise<Buffer[]> {
    const hashes = await readHashes(this.transactions.manager, shape.flat());
    return shape.map((subtrees) =>
      foldSubtrees(
        subtrees.map(({ level, index }) => {
          const hash = hashes.get(`${level}/${index}`);
          if (!hash) throw new Error(`the audit log lacks node ${level}/${index}`);
          return hash;
        }),
      ),
    );
  }
}
