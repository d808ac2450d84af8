import { Transactions } from '@bascule/database';
import { Injectable } from '@nestjs/common';
import { type Deaths, withDeathAt } from './deaths.js';

/** A validation that has met no death writes its place down this often: what it costs is seen by nobody. */
const placeEveryMs = 500;

interface Running {
  readonly batchId: string;
  /** After a death each place counts: the next one may be right behind it. */
  readonly isWatched: boolean;
  place: number;
  writtenAt: number;
}

interface StartRow {
  readonly starts: number;
  readonly place: string | null;
  readonly died_at: string | null;
  readonly deaths_there: number;
}

/**
 * Knows of each batch how often its validation began without coming to an end, which only a process that died leaves behind, and how far
 * it had come. Written outside the transaction of the work, which dies with its process.
 */
@Injectable()
export class ValidationStarts {
  /** By transaction. */
  private readonly running = new WeakMap<object, Running>();

  constructor(private readonly transactions: Transactions) {}

  /** Begins a validation in the transaction of the caller, who holds the lock of the dataset. @returns how those before it ended */
  async begin(batchId: string): Promise<Deaths> {
    const deaths = await this.transactions.runDetached(async (manager) => {
      const [known] = (await manager.query(
        'select starts, place, died_at, deaths_there from validation_starts where batch_id = $1 for update',
        [batchId],
      )) as StartRow[];
      const before = deathsOf(known);
      await manager.query(
        `insert into validation_starts as known (batch_id, starts, place, died_at, deaths_there) values ($1, 1, 0, $2, $3)
         on conflict (batch_id) do update set starts = known.starts + 1, place = 0, died_at = $2, deaths_there = $3`,
        [batchId, before.place ?? null, before.atPlace],
      );
      return before;
    });
    const running = { batchId, isWatched: deaths.count > 0, place: 0, writtenAt: performance.now() };
    this.running.set(this.transactions.manager, running);
    return deaths;
  }

  /** Says that the validation in whose transaction this is called, if any, has gone through records. */
  async passed(recordCount: number): Promise<void> {
    const running = this.running.get(this.transactions.manager);
    if (!running) return;
    running.place += recordCount;
    const now = performance.now();
    if (!running.isWatched && now - running.writtenAt < placeEveryMs) return;
    running.writtenAt = now;
    const { batchId, place } = running;
    await this.transactions.runDetached((manager) =>
      manager.query('update validation_starts set place = $2 where batch_id = $1', [batchId, place]),
    );
  }

  /** Takes back a start that failed in good order: its message is tried again by other rules. */
  async takeBack(batchId: string): Promise<void> {
    await this.transactions.runDetached((manager) =>
      manager.query('update validation_starts set starts = starts - 1, place = null where batch_id = $1', [batchId]),
    );
  }

  /** Forgets a batch that is decided. */
  async forget(batchId: string): Promise<void> {
    await this.transactions.runDetached((manager) => manager.query('delete from validation_starts where batch_id = $1', [batchId]));
  }
}

/** A start that is still open ended with its process. */
function deathsOf(known: StartRow | undefined): Deaths {
  const { starts = 0, place = null, died_at = null, deaths_there = 0 } = known ?? {};
  const isOpen = place !== null;
  const before = { count: starts - (isOpen ? 1 : 0), place: died_at === null ? undefined : Number(died_at), atPlace: deaths_there };
  return isOpen ? withDeathAt(before, Number(place)) : before;
}
