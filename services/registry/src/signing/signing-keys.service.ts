import { createPublicKey, type KeyObject } from 'node:crypto';
import { signingKeyChanged } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Outbox } from '@bascule/outbox';
import { Clock } from '@bascule/platform';
import { modelKeyId } from '@bascule/proofs';
import { Injectable } from '@nestjs/common';
import { IsNull } from 'typeorm';
import { signingKeyNotFound } from '../errors.js';
import { KeyFile } from './key-file.store.js';
import { SigningKeyEntity } from './signing-key.entity.js';

/** Keys that sign models: one that signs now, retired ones whose signatures stay good, revoked ones that count no more. */
@Injectable()
export class SigningKeysService {
  constructor(
    private readonly transactions: Transactions,
    private readonly outbox: Outbox,
    private readonly file: KeyFile,
    private readonly clock: Clock,
  ) {}

  list(): Promise<SigningKeyEntity[]> {
    return this.transactions.manager.find(SigningKeyEntity, { order: { createdAt: 'DESC', keyId: 'ASC' } });
  }

  async find(keyId: string): Promise<SigningKeyEntity | null> {
    return this.transactions.manager.findOneBy(SigningKeyEntity, { keyId });
  }

  /** The key that signs now. A key file that somebody changed by hand is taken on as a rotation. */
  async active(): Promise<{ keyId: string; privateKey: KeyObject }> {
    const privateKey = await this.file.read();
    const keyId = modelKeyId(privateKey);
    const known = await this.find(keyId);
    // a revoked key signs nothing, whatever the file says
    if (known?.revokedAt) return this.renew('registry', `the key ${keyId} was revoked`);
    if (!known) await this.add(privateKey, 'registry', 'found in the key file');
    return { keyId, privateKey };
  }

  /** Makes a new key; the old one signs nothing new. */
  async rotate(by: string, reason: string): Promise<SigningKeyEntity> {
    await this.active();
    const { keyId } = await this.renew(by, reason);
    return this.get(keyId);
  }

  /** Declares a key lost to somebody else: nothing it signed counts any more. A key that signed until now gets a successor. */
  async revoke(keyId: string, by: string, reason: string): Promise<SigningKeyEntity> {
    return this.transactions.run(async (manager) => {
      const lock = { mode: 'pessimistic_write' } as const;
      const key = await manager.findOne(SigningKeyEntity, { where: { keyId }, lock });
      if (!key) throw signingKeyNotFound({ key: keyId });
      if (key.revokedAt) return key;
      await manager.update(SigningKeyEntity, { keyId }, { revokedAt: this.clock.now(), changedBy: by, reason });
      await this.tell(key, 'revoked', by, reason);
      await this.active();
      return this.get(keyId);
    });
  }

  private async renew(by: string, reason: string): Promise<{ keyId: string; privateKey: KeyObject }> {
    const privateKey = await this.file.replace();
    await this.add(privateKey, by, reason);
    return { keyId: modelKeyId(privateKey), privateKey };
  }

  private async add(privateKey: KeyObject, changedBy: string, reason: string): Promise<void> {
    await this.transactions.run(async (manager) => {
      const keyId = modelKeyId(privateKey);
      const publicKey = createPublicKey(privateKey).export({ format: 'pem', type: 'spki' }).toString();
      const now = this.clock.now();
      const added = await manager
        .createQueryBuilder()
        .insert()
        .into(SigningKeyEntity)
        .values({ keyId, publicKey, createdAt: now, retiredAt: null, revokedAt: null, changedBy, reason })
        .orIgnore()
        .returning('key_id')
        .execute();
      if ((added.raw as unknown[]).length === 0) return;
      for (const key of await manager.findBy(SigningKeyEntity, { retiredAt: IsNull() })) {
        if (key.keyId !== keyId) await manager.update(SigningKeyEntity, { keyId: key.keyId }, { retiredAt: now });
      }
      await this.tell({ keyId, publicKey }, 'added', changedBy, reason);
    });
  }

  private async get(keyId: string): Promise<SigningKeyEntity> {
    const key = await this.find(keyId);
    if (!key) throw signingKeyNotFound({ key: keyId });
    return key;
  }

  private async tell(
    { keyId, publicKey }: Pick<SigningKeyEntity, 'keyId' | 'publicKey'>,
    change: 'added' | 'revoked',
    changedBy: string,
    reason: string,
  ) {
    await this.outbox.publish({ definition: signingKeyChanged, data: { keyId, publicKey, change, changedBy, reason } });
  }
}
