import { createHash } from 'node:crypto';
import { type Credential, datasetNotAllowed, likePatterns, requireDataset } from '@bascule/access';
import { entityName } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Clock, decodeCursor, type Page, type PageQuery, pageOf } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { contractIncompatible, contractInvalid, contractNotFound } from '../errors.js';
import type { ColumnRule } from '../validation/column-rule.js';
import { canonicalJson } from './canonical-json.js';
import { compareContracts, versionStep } from './compare-contracts.js';
import { type CompiledContract, compileContract, incompatibilities } from './compile-contract.js';
import { ContractEntity } from './contract.entity.js';
import type { OdcsContract } from './odcs.schema.js';
import { compileStored } from './stored-contract.js';

const cacheSize = 100;

// a contract belongs to the datasets it is bound to; before the first it is nobody's
const isReadable = `(not exists (select 1 from datasets d where d.contract_name = contract.name)
  or exists (select 1 from datasets d where d.contract_name = contract.name and d.name like any(:patterns)))`;

/** Data contracts: published once per content, never changed. */
@Injectable()
export class ContractsService {
  private readonly compiled = new Map<string, CompiledContract>();

  constructor(
    private readonly transactions: Transactions,
    private readonly clock: Clock,
  ) {}

  /** Makes a new version when the content differs from the latest one; it rules every dataset bound to the contract. */
  async publish(document: OdcsContract, credential: Credential): Promise<{ contract: ContractEntity; isNew: boolean }> {
    const next = compiledOrInvalid(document);
    // what is refused for its reference tells which keys the other dataset has
    for (const { datasetName } of next.references) requireDataset(credential, datasetName);
    const contentDigest = createHash('sha256').update(canonicalJson(document)).digest('hex');
    return this.transactions.run(async (manager) => {
      await manager.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`contract ${document.name}`]);
      const latest = await this.find(document.name);
      if (latest?.contentDigest === contentDigest) return { contract: latest, isNew: false };
      await this.requireAllDatasets(document.name, credential);
      const faults = latest ? incompatibilities(this.compile(latest).columns, next.columns) : [];
      if (faults.length > 0) throw contractIncompatible({ contract: document.name }, faults.join('; '));
      const contract = manager.create(ContractEntity, {
        name: document.name,
        version: (latest?.version ?? 0) + 1,
        contentDigest,
        document,
        createdBy: credential.identity,
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

  /** Throws `access.dataset_not_allowed` when the contract is bound, and only to datasets the credential may not touch. */
  async requireReadable(name: string, { datasets }: Credential): Promise<void> {
    const isThere = await this.transactions.manager
      .createQueryBuilder(ContractEntity, 'contract')
      .where('contract.name = :name', { name })
      .andWhere(isReadable, { patterns: likePatterns(datasets) })
      .getExists();
    if (!isThere) throw datasetNotAllowed();
  }

  private async requireAllDatasets(name: string, { datasets }: Credential): Promise<void> {
    const others = (await this.transactions.manager.query(
      'select 1 from datasets where contract_name = $1 and not (name like any($2)) limit 1',
      [name, likePatterns(datasets)],
    )) as unknown[];
    if (others.length > 0) throw datasetNotAllowed({}, 'The contract also rules datasets the key may not touch.');
  }

  /** The latest version of each contract the credential may read, by name. */
  async list({ limit, cursor }: PageQuery, { datasets }: Credential): Promise<Page<ContractEntity>> {
    const after = cursor === undefined ? '' : decodeCursor(cursor, entityName);
    const rows = await this.transactions.manager
      .createQueryBuilder(ContractEntity, 'contract')
      .distinctOn(['contract.name'])
      .where('contract.name > :after', { after })
      .andWhere(isReadable, { patterns: likePatterns(datasets) })
      .orderBy('contract.name')
      .addOrderBy('contract.version', 'DESC')
      .limit(limit + 1)
      .getMany();
    return pageOf(rows, limit, ({ name }) => name);
  }

  /** Versions of a contract, newest first. */
  async versions(name: string, { limit, cursor }: PageQuery): Promise<Page<ContractEntity>> {
    const before = cursor === undefined ? 2 ** 31 - 1 : decodeCursor(cursor, z.int());
    const rows = await this.transactions.manager
      .createQueryBuilder(ContractEntity, 'contract')
      .where('contract.name = :name and contract.version < :before', { name, before })
      .orderBy('contract.version', 'DESC')
      .limit(limit + 1)
      .getMany();
    return pageOf(rows, limit, ({ version }) => version);
  }

  /** What another contract in place of this one would change, and whom it would break. */
  changes(contract: ContractEntity, after: CompiledContract) {
    const before = this.compile(contract);
    const changes = compareContracts(before, after);
    return { changes, versionStep: versionStep(changes), incompatibilities: incompatibilities(before.columns, after.columns) };
  }

  /** A document as a validator. @throws `ingestion.contract_invalid` */
  compileDocument(document: OdcsContract): CompiledContract {
    return compiledOrInvalid(document);
  }

  /** Columns that the newest version calls personal: what came under an older one is no less personal. */
  async personalColumns(name: string): Promise<ReadonlySet<string>> {
    return new Set(this.compile(await this.get(name)).rules.flatMap((rule) => (rule.isPersonal ? [rule.name] : [])));
  }

  /** The columns by which a batch was judged, marked as personal where they are by now. */
  async shownRules({ contractName, contractVersion }: { contractName: string; contractVersion: number }): Promise<ColumnRule[]> {
    const personal = await this.personalColumns(contractName);
    const { rules } = this.compile(await this.get(contractName, contractVersion));
    return rules.map((rule) => (personal.has(rule.name) ? { ...rule, isPersonal: true } : rule));
  }

  /** The contract as a validator; made once per version. No batch is judged by one that is `outdated`. */
  compile(contract: ContractEntity): CompiledContract {
    const key = `${contract.name} ${contract.version}`;
    const known = this.compiled.get(key);
    if (known) return known;
    if (this.compiled.size >= cacheSize) this.compiled.clear();
    const compiled = compiledOrInvalid(contract.document, compileStored);
    this.compiled.set(key, compiled);
    return compiled;
  }
}

function compiledOrInvalid(document: OdcsContract, compile = compileContract): CompiledContract {
  try {
    return compile(document);
  } catch (error) {
    const detail = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
    throw contractInvalid({ contract: document.name }, detail);
  }
}
