import { Transactions } from '@bascule/database';
import { ObjectStore } from '@bascule/storage';
import { Injectable } from '@nestjs/common';
import { contentRemoved } from './errors.js';

const lockOf = (first: string) => `object ${first}`;

/**
 * Keeps what takes an object into use and what removes it from passing each other: objects are named by their content, so that one that is
 * due to be removed may be stored once more at any time.
 */
@Injectable()
export class ObjectHolds {
  constructor(
    private readonly transactions: Transactions,
    private readonly store: ObjectStore,
  ) {}

  /** In the transaction that takes stored objects into use: they are there, and stay until it ends. @throws `ingestion.content_removed` */
  async hold(digests: readonly string[]): Promise<void> {
    for (const group of groupsOf(digests).keys())
      await this.transactions.manager.query('select pg_advisory_xact_lock_shared(hashtextextended($1, 0))', [lockOf(group)]);
    for (const digest of digests) if (!(await this.store.has(digest))) throw contentRemoved({ digest });
    // comes back on record where the transaction is rolled back
    await this.transactions.manager.query('delete from unused_objects where digest = any($1)', [digests]);
  }

  /**
   * Removes objects that nothing has in use, some at a time.
   * @param inUse which of the given are in use; asked again and again, each time after what was about to use one has ended
   * @returns how many were removed
   */
  async remove(digests: readonly string[], inUse: (digests: readonly string[]) => Promise<ReadonlySet<string>>): Promise<number> {
    let removed = 0;
    for (const [first, group] of groupsOf(digests)) {
      // one lock at a time: whoever holds several never waits for one who waits for him
      await this.transactions.run(async (manager) => {
        await manager.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [lockOf(first)]);
        const used = await inUse(group);
        for (const digest of group.filter((each) => !used.has(each))) {
          await this.store.delete(digest);
          removed++;
        }
      });
    }
    return removed;
  }
}

/** By their first two digits: 256 locks at most, however many objects a version has. */
function groupsOf(digests: readonly string[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const digest of [...new Set(digests)].sort()) {
    const first = digest.slice(0, 2);
    const group = groups.get(first);
    if (group) group.push(digest);
    else groups.set(first, [digest]);
  }
  return groups;
}
