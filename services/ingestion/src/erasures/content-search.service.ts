import { setImmediate as nextTurn } from 'node:timers/promises';
import { Transactions } from '@bascule/database';
import { ObjectStore } from '@bascule/storage';
import { Injectable } from '@nestjs/common';
import { In } from 'typeorm';
import { BatchEntity } from '../batches/batch.entity.js';
import { optionsOf } from '../batches/content-type.js';
import type { ParsedRow } from '../batches/parsed-row.js';
import { faultOf, readContent } from '../batches/read-content.js';
import { type CompiledContract } from '../contracts/compile-contract.js';
import { ContractsService } from '../contracts/contracts.service.js';
import { standsIn } from './stands-in.js';

/** Looks for a person in contents as they were sent: those of rejected batches, and duplicates that are shown nowhere. */
@Injectable()
export class ContentSearch {
  constructor(
    private readonly transactions: Transactions,
    private readonly store: ObjectStore,
    private readonly contracts: ContractsService,
  ) {}

  /** Those of the batches in whose content one of the values stands in the column. */
  async having(batchIds: readonly string[], column: string, values: ReadonlySet<string>): Promise<string[]> {
    const found: string[] = [];
    for (const id of batchIds) {
      const [batch] = await this.transactions.manager.find(BatchEntity, { where: { id: In([id]) } });
      if (batch && (await this.store.has(batch.contentDigest)) && (await this.has(batch, column, values))) found.push(id);
    }
    return found;
  }

  private async has(batch: BatchEntity, column: string, values: ReadonlySet<string>): Promise<boolean> {
    const { contentDigest, contentType, readOptions, contractName, contractVersion } = batch;
    const contract = this.contracts.compile(await this.contracts.get(contractName, contractVersion));
    const at = contract.rules.findIndex(({ name }) => name === column);
    const options = { ...optionsOf(contentType), ...readOptions, file: this.store.path?.(contentDigest) };
    const { blocks, faults } = await readContent(await this.store.stream(contentDigest), contract.rules, 'ignore', options);
    // content whose header is refused, or that does not have the column: nobody can say that it is not there
    if (faults.length > 0 || at < 0) return true;
    try {
      // leaving the loop closes the content
      for await (const block of blocks) {
        if (block.some((row) => names(row, at, contract, values))) return true;
        await Transactions.current()?.query('select 1');
        await nextTurn();
      }
    } catch (error) {
      // what is behind the place where it breaks off can be read by nobody
      faultOf(error);
      return true;
    }
    return false;
  }
}

/** Whether a record has one of the values: as it was sent, or as it is after repairs. */
function names(row: ParsedRow, at: number, contract: CompiledContract, values: ReadonlySet<string>): boolean {
  if (row.fault) return [...values].some((value) => standsIn(row.raw, value));
  const sent = row.cells[at];
  if (sent === undefined || sent === null) return false;
  return values.has(String(sent).trim()) || values.has(String(contract.validate(row.cells, [])[at]));
}
