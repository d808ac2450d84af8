import { Transactions } from '@bascule/database';
import { Injectable } from '@nestjs/common';
import type { CompiledContract } from '../contracts/compile-contract.js';
import type { CellValue } from '../validation/column-rule.js';
import { uniquenessDigest } from '../validation/uniqueness.js';

const chunk = 10_000;

/** Digests of what must be unique in a dataset, for rows that leave it; used under the lock of the dataset. */
@Injectable()
export class DatasetKeys {
  constructor(private readonly transactions: Transactions) {}

  async forgetAll(datasetName: string): Promise<void> {
    await this.transactions.manager.query('delete from dataset_keys where dataset_name = $1', [datasetName]);
  }

  /** Forgets what rows were known by. */
  async forget(datasetName: string, contract: CompiledContract, rows: readonly CellValue[][]): Promise<void> {
    await this.forgetDigests(datasetName, digestsOf(contract, rows));
  }

  async forgetDigests(datasetName: string, digests: readonly string[]): Promise<void> {
    for (let at = 0; at < digests.length; at += chunk) {
      await this.transactions.manager.query(
        `delete from dataset_keys where dataset_name = $1 and digest = any(array(select decode(hex, 'hex') from unnest($2::text[]) as hex))`,
        [datasetName, digests.slice(at, at + chunk)],
      );
    }
  }

  /** Remembers rows that stay after all. */
  async remember(datasetName: string, contract: CompiledContract, rows: readonly CellValue[][]): Promise<void> {
    const digests = digestsOf(contract, rows);
    for (let at = 0; at < digests.length; at += chunk) {
      await this.transactions.manager.query(
        `insert into dataset_keys (dataset_name, digest) select $1, decode(hex, 'hex') from unnest($2::text[]) as hex on conflict do nothing`,
        [datasetName, digests.slice(at, at + chunk)],
      );
    }
  }
}

function digestsOf({ uniqueness }: CompiledContract, rows: readonly CellValue[][]): string[] {
  return rows.flatMap((values) => uniqueness.flatMap((rule) => uniquenessDigest(rule, values) ?? []));
}
