import { isDeepStrictEqual } from 'node:util';
import { type Credential, hashSecret, newKey, requireDataset, requireModel } from '@bascule/access';
import { accessChanged } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Outbox } from '@bascule/outbox';
import { Clock, Logger } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { keyNotFound, lastAdmin } from '../errors.js';
import { AccessKey } from './access-key.entity.js';
import { AccessProjectionService } from './access-projection.service.js';
import type { BootstrapKey } from './bootstrap-keys.js';
import type { CreateKey, KeyLimits } from './keys.schema.js';

type Change = 'created' | 'changed' | 'revoked';
type Grant = Pick<AccessKey, 'identity' | 'roles' | 'models' | 'datasets' | 'limits'>;

/** Keys: who may enter, in which role, for which models and datasets. */
@Injectable()
export class KeysService {
  constructor(
    private readonly transactions: Transactions,
    private readonly outbox: Outbox,
    private readonly projection: AccessProjectionService,
    private readonly clock: Clock,
    private readonly log: Logger,
  ) {}

  /** Makes a key for no more names than its maker's own; the token is in the answer and nowhere else. */
  async create({ limits, ...wanted }: CreateKey, by: Credential): Promise<{ key: AccessKey; token: string }> {
    requireAll(by, wanted);
    const { keyId, secret, token } = newKey();
    const key = await this.transactions.run(async (manager) => {
      const row = this.row(keyId, secret, { ...wanted, limits: stored(limits) }, by.identity);
      await manager.insert(AccessKey, row);
      await this.announce(row, 'created', by.identity);
      return row;
    });
    return { key, token };
  }

  /** Makes the first keys of an installation unless they exist; a revoked one stays revoked. */
  async createBootstrapKeys(keys: readonly BootstrapKey[]): Promise<void> {
    await this.transactions.run(async (manager) => {
      for (const { role, identity, keyId, secret } of keys) {
        const row = this.row(keyId, secret, { identity, roles: [role], models: ['*'], datasets: ['*'], limits: null }, 'bootstrap');
        const inserted = await manager.createQueryBuilder().insert().into(AccessKey).values(row).orIgnore().returning('key_id').execute();
        if ((inserted.raw as unknown[]).length > 0) await this.announce(row, 'created', 'bootstrap');
      }
    });
  }

  async revoke(keyId: string, by: Credential): Promise<AccessKey> {
    return this.transactions.run(async (manager) => {
      const key = await this.lock(manager, keyId);
      if (key.revokedAt) return key;
      if (key.roles.includes('admin') && (await this.otherAdmins(manager, keyId)) === 0) throw lastAdmin({ keyId });
      key.revokedAt = this.clock.now();
      key.revokedBy = by.identity;
      await manager.save(key);
      await this.announce(key, 'revoked', by.identity);
      return key;
    });
  }

  /** Replaces what a key may use; the gateways follow within a second. Only for keys of no more names than the changer's own. */
  async setLimits(keyId: string, limits: KeyLimits, by: Credential): Promise<AccessKey> {
    return this.transactions.run(async (manager) => {
      const key = await this.lock(manager, keyId);
      requireAll(by, key);
      if (isDeepStrictEqual(key.limits, stored(limits))) return key;
      key.limits = stored(limits);
      await manager.save(key);
      await this.announce(key, 'changed', by.identity);
      return key;
    });
  }

  async list(limit: number, after?: string): Promise<AccessKey[]> {
    const query = this.transactions.manager.createQueryBuilder(AccessKey, 'key').orderBy('key.keyId').limit(limit);
    return after ? query.where('key.keyId > :after', { after }).getMany() : query.getMany();
  }

  private row(keyId: string, secret: string, grant: Grant, createdBy: string): AccessKey {
    const fresh = { createdAt: this.clock.now(), createdBy, revokedAt: null, revokedBy: null };
    return Object.assign(new AccessKey(), { keyId, secretHash: hashSecret(secret), ...grant, ...fresh });
  }

  private async lock(manager: EntityManager, keyId: string): Promise<AccessKey> {
    // all admin rows, in one order: two admins revoking each other must not both succeed
    await manager.query(`SELECT 1 FROM access_keys WHERE key_id = $1 OR 'admin' = ANY (roles) ORDER BY key_id FOR UPDATE`, [keyId]);
    const key = await manager.findOneBy(AccessKey, { keyId });
    if (!key) throw keyNotFound({ keyId });
    return key;
  }

  private async otherAdmins(manager: EntityManager, keyId: string): Promise<number> {
    const rows = await manager.query<unknown[]>(
      `SELECT 1 FROM access_keys WHERE key_id <> $1 AND 'admin' = ANY (roles) AND revoked_at IS NULL`,
      [keyId],
    );
    return rows.length;
  }

  private async announce({ keyId, identity, roles, limits }: AccessKey, change: Change, changedBy: string): Promise<void> {
    const data = { keyId, identity, change, roles, changedBy, ...(limits && { limits }) };
    await this.outbox.publish({ definition: accessChanged, data });
    this.transactions.afterCommit(async () => {
      try {
        await this.projection.project(keyId);
      } catch (error) {
        this.log.warn({ err: error, keyId }, 'the change is stored but not yet seen by the other services; it is tried again');
      }
    });
  }
}

function requireAll(by: Credential, { models, datasets }: Pick<Grant, 'models' | 'datasets'>): void {
  for (const pattern of models) requireModel(by, pattern);
  for (const pattern of datasets) requireDataset(by, pattern);
}

function stored(limits: KeyLimits | undefined): KeyLimits | null {
  return limits && Object.keys(limits).length > 0 ? limits : null;
}
