import { Transactions } from '@bascule/database';
import { Injectable } from '@nestjs/common';
import type { CompiledContract } from '../contracts/compile-contract.js';
import { ContractsService } from '../contracts/contracts.service.js';
import type { Reference } from '../contracts/references-of.js';
import { KnownKeys } from './known-keys.queries.js';
import { type Reason, shown } from './reason.js';
import { type Uniqueness, uniquenessDigest } from './uniqueness.js';
import type { RefusedRow, ValidRow } from './validate-batch.js';

/** Holds foreign keys against the keys of the datasets they go to. */
@Injectable()
export class ReferencesService {
  constructor(
    private readonly transactions: Transactions,
    private readonly contracts: ContractsService,
    private readonly keys: KnownKeys,
  ) {}

  /** Why the references of a contract cannot be followed: the dataset or its key is not there. */
  async faults({ references }: CompiledContract): Promise<string[]> {
    const faults: string[] = [];
    for (const reference of references) {
      const rule = await this.keyOf(reference);
      if (!rule) faults.push(`no dataset ${reference.datasetName} has the key ${reference.names.join(', ')}, to which the contract refers`);
    }
    return faults;
  }

  /** Parts records whose references are all there from those with one that is not. */
  async part({ references, rules }: CompiledContract, rows: readonly ValidRow[]): Promise<{ valid: ValidRow[]; refused: RefusedRow[] }> {
    if (references.length === 0) return { valid: [...rows], refused: [] };
    const reasons = new Map<ValidRow, Reason[]>();
    for (const reference of references) {
      const subject = JSON.stringify(reference.names);
      const rule: Uniqueness = { code: 'duplicate_key', columns: reference.columns, subject };
      const digests = rows.map(({ values }) => uniquenessDigest(rule, values));
      const known = await this.keys.among(reference.datasetName, [...new Set(digests.filter((digest) => digest !== undefined))]);
      rows.forEach((row, i) => {
        const digest = digests[i];
        // what is missing refers to nothing
        if (digest === undefined || known.has(digest)) return;
        const names = reference.columns.map((column) => rules[column]!.name).join(',');
        const value = reference.columns.map((column) => shown(row.values[column])).join(', ');
        const target = `${reference.datasetName}.${reference.names.join(', ')}`;
        const reason = {
          field: names,
          message: `${names} is ${value}, which ${target} does not have`,
          value,
          expectation: `a key of ${target}`,
        };
        reasons.set(row, [...(reasons.get(row) ?? []), { code: 'unknown_reference', ...reason }]);
      });
    }
    return {
      valid: rows.filter((row) => !reasons.has(row)),
      refused: [...reasons].map(([{ row, source }, found]) => ({ row, source, reasons: found })),
    };
  }

  private async keyOf({ datasetName, names }: Reference): Promise<Uniqueness | undefined> {
    const [dataset] = (await this.transactions.manager.query('select contract_name from datasets where name = $1', [datasetName])) as {
      contract_name: string;
    }[];
    if (!dataset) return undefined;
    const { uniqueness } = this.contracts.compile(await this.contracts.get(dataset.contract_name));
    return uniqueness.find(({ code, subject }) => code === 'duplicate_key' && subject === JSON.stringify(names));
  }
}
