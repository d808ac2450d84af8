import { Transactions } from '@bascule/database';
import { Injectable } from '@nestjs/common';

const chunk = 10_000;
/** The server ends a transaction in which nothing is asked for two minutes. */
const wordEveryMs = 20_000;

/** Digests of what a dataset holds already; used under the lock of the dataset. */
@Injectable()
export class KnownKeys {
  /** By transaction: what one says keeps no other awake. */
  private readonly lastWords = new WeakMap<object, number>();

  constructor(private readonly transactions: Transactions) {}

  /** Says something to the server from time to time. */
  async keepAwake(): Promise<void> {
    const { manager } = this.transactions;
    const now = performance.now();
    const before = this.lastWords.get(manager);
    if (before !== undefined && now - before < wordEveryMs) return;
    this.lastWords.set(manager, now);
    await manager.query('select 1');
  }

  /** Those of the digests that the dataset has. */
  async among(datasetName: string, digests: readonly string[]): Promise<Set<string>> {
    const known = new Set<string>();
    for (let at = 0; at < digests.length; at += chunk) {
      // an array, never a join: statistics may know nothing of the dataset yet, and a join would then read all its keys for each chunk
      const rows = (await this.transactions.manager.query(
        `select encode(digest, 'hex') as digest from dataset_keys
         where dataset_name = $1 and digest = any(array(select decode(hex, 'hex') from unnest($2::text[]) as hex))`,
        [datasetName, digests.slice(at, at + chunk)],
      )) as { digest: string }[];
      for (const { digest } of rows) known.add(digest);
    }
    return known;
  }

  /** Remembers the digests of accepted records. */
  async add(datasetName: string, digests: readonly string[]): Promise<void> {
    for (let at = 0; at < digests.length; at += chunk) {
      await this.transactions.manager.query(
        `insert into dataset_keys (dataset_name, digest) select $1, decode(hex, 'hex') from unnest($2::text[]) as hex on conflict do nothing`,
        [datasetName, digests.slice(at, at + chunk)],
      );
    }
  }
}
