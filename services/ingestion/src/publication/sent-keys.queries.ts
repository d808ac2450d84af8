import { Transactions } from '@bascule/database';
import { Injectable } from '@nestjs/common';

const chunk = 10_000;

/** Which of the keys: all that a batch sent, those that take the place of records, or those that were refused. */
export type KeysOf = 'sent' | 'taken' | 'refused';
const tests: Record<KeysOf, string> = { sent: '', taken: 'and is_taken', refused: 'and not is_taken' };

/**
 * Digests of keys by which a batch takes the place of records: in a table of the database session that ends with the transaction, because
 * there may be more than memory holds.
 */
@Injectable()
export class SentKeys {
  constructor(private readonly transactions: Transactions) {}

  /** Makes room for the keys of one batch. */
  async begin(): Promise<void> {
    const { manager } = this.transactions;
    await manager.query(
      'create temporary table if not exists sent_keys (digest bytea primary key, is_taken boolean not null) on commit drop',
    );
    await manager.query('truncate sent_keys');
  }

  /** Notes keys of records that were sent. */
  async add(digests: readonly string[]): Promise<void> {
    await this.insert(digests, false, 'do nothing');
  }

  /** Notes keys of records that were accepted, and take the place of others. */
  async take(digests: readonly string[]): Promise<void> {
    await this.insert(digests, true, '(digest) do update set is_taken = true');
  }

  /** Whether there is any of them. */
  async hasAny(which: KeysOf): Promise<boolean> {
    const rows = (await this.transactions.manager.query(`select 1 from sent_keys where true ${tests[which]} limit 1`)) as unknown[];
    return rows.length > 0;
  }

  /** Those of the digests that are among them. */
  async among(which: KeysOf, digests: readonly string[]): Promise<Set<string>> {
    const found = new Set<string>();
    for (let at = 0; at < digests.length; at += chunk) {
      const rows = (await this.transactions.manager.query(
        `select encode(digest, 'hex') as digest from sent_keys
         where digest = any(array(select decode(hex, 'hex') from unnest($1::text[]) as hex)) ${tests[which]}`,
        [digests.slice(at, at + chunk)],
      )) as { digest: string }[];
      for (const { digest } of rows) found.add(digest);
    }
    return found;
  }

  private async insert(digests: readonly string[], isTaken: boolean, onConflict: string): Promise<void> {
    for (let at = 0; at < digests.length; at += chunk) {
      await this.transactions.manager.query(
        `insert into sent_keys (digest, is_taken) select distinct decode(hex, 'hex'), $2::boolean from unnest($1::text[]) as hex
         on conflict ${onConflict}`,
        [digests.slice(at, at + chunk), isTaken],
      );
    }
  }
}
