import { createHash } from 'node:crypto';
import { Transactions } from '@bascule/database';
import { Clock, decodeCursor, type Page, type PageQuery, pageOf } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { contractIncompatible, contractInvalid, contractNotFound } from '../errors.js';
import { canonicalJson } from './canonical-json.js';
import { type CompiledContract, compileContract, incompatibilities } from './compile-contract.js';
import { ContractEntity } from './contract.entity.js';
import type { OdcsContract } from './odcs.schema.js';

const cacheSize = 100;

/** Data contracts: published once per content, never changed. */
@Injectable()
export class ContractsService {
  private readonly compiled = new Map<string, CompiledContract>();

  constructor(
    private readonly transactions: Transactions,
    private readonly clock: Clock,
  ) {}

  /** Makes a new version when the content differs from the latest one. */
  async publish(document: OdcsContract, createdBy: string): Promise<{ contract: ContractEntity; isNew: boolean }> {
    const next = compiledOrInvalid(document);
    const contentDigest = createHash('sha256').update(canonicalJson(document)).digest('hex');
    return this.transactions.run(async (manager) => {
      await manager.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`contract ${document.name}`]);
      const latest = await this.find(document.name);
      if (latest?.contentDigest === contentDigest) return { contract: latest, isNew: false };
      const faults = latest ? incompatibilities(this.compile(latest).columns, next.columns) : [];
      if (faults.length > 0) throw contractIncompatible({ contract: document.name }, faults.join('; '));
      const contract = manager.create(ContractEntity, {
        name: document.name,
        version: (latest?.version ?? 0) + 1,
        contentDigest,
        document,
        createdBy,
        createdAt: this.clock.now(),
      });
      await manager.insert(ContractEntity, contract as object);
      return { contract, isNew: true };
    });
  }

  /** The version asked for, or the latest. */
  async find(name: string, version?: number): Promise<ContractEntity | undefined> {
    const where = version === undefined ? { name } : { name, version };
    const found = await this.transactions.manager.findOne(ContractEntity, { where, order: { version: 'DESC' } });
    return found ?? undefined;
  }

  async get(name: string, version?: number): Promise<ContractEntity> {
    const contract = await this.find(name, version);
    if (!contract) throw contractNotFound(version === undefined ? { contract: name } : { contract: name, version });
    return contract;
  }

  /** The latest version of each contract, by name. */
  async list({ limit, cursor }: PageQuery): Promise<Page<ContractEntity>> {
    const after = cursor === undefined ? '' : decodeCursor(cursor, z.string());
    const rows = await this.transactions.manager
      .createQueryBuilder(ContractEntity, 'contract')
      .distinctOn(['contract.name'])
      .where('contract.name > :after', { after })
      .orderBy('contract.name')
      .addOrderBy('contract.version', 'DESC')
      .limit(limit + 1)
      .getMany();
    return pageOf(rows, limit, ({ name }) => name);
  }

  /** The contract as a validator; made once per version. */
  compile(contract: ContractEntity): CompiledContract {
    const key = `${contract.name} ${contract.version}`;
    const known = this.compiled.get(key);
    if (known) return known;
    if (this.compiled.size >= cacheSize) this.compiled.clear();
    const compiled = compiledOrInvalid(contract.document);
    this.compiled.set(key, compiled);
    return compiled;
  }
}

function compiledOrInvalid(document: OdcsContract): CompiledContract {
  try {
    return compileContract(document);
  } catch (error) {
    const detail = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
    throw contractInvalid({ contract: document.name }, detail);
  }
}
