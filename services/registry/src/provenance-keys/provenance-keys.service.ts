import { createPublicKey, type KeyObject } from 'node:crypto';
import { provenanceKeyChanged } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Outbox } from '@bascule/outbox';
import { Clock } from '@bascule/platform';
import { modelKeyId } from '@bascule/proofs';
import { Injectable } from '@nestjs/common';
import { provenanceKeyNotFound, provenanceKeyRevoked } from '../errors.js';
import { ProvenanceKeyEntity } from './provenance-key.entity.js';
import { ProvenanceKeyFile } from './provenance-key-file.store.js';

/**
 * Whose word counts about what a model was made from: keys of the installation's file and those that administrators added. What a run
 * says about its own key proves nothing. A key that was revoked counts no more, wherever it stands.
 */
@Injectable()
export class ProvenanceKeysService {
  constructor(
    private readonly transactions: Transactions,
    private readonly outbox: Outbox,
    private readonly file: ProvenanceKeyFile,
    private readonly clock: Clock,
  ) {}

  /** Every key, the newest first; what the file has come to hold is put on record. */
  async list(): Promise<ProvenanceKeyEntity[]> {
    for (const key of await this.file.read()) await this.add(key, 'registry', 'found in the file of trusted keys', false);
    return this.transactions.manager.find(ProvenanceKeyEntity, { order: { createdAt: 'DESC', keyId: 'ASC' } });
  }

  /** Keys whose signatures count now. */
  async trusted(): Promise<KeyObject[]> {
    return (await this.list()).filter(({ revokedAt }) => revokedAt === null).map(({ publicKey }) => createPublicKey(publicKey));
  }

  /** Trusts a key from now on. @throws registry.provenance_key_revoked for one that was revoked: it stays so */
  async trust(pem: string, by: string, reason: string): Promise<ProvenanceKeyEntity> {
    return this.add(createPublicKey(pem), by, reason, true);
  }

  /** Nothing the key ever signed counts any more. */
  async revoke(keyId: string, by: string, reason: string): Promise<ProvenanceKeyEntity> {
    await this.list();
    return this.transactions.run(async (manager) => {
      const key = await manager.findOne(ProvenanceKeyEntity, { where: { keyId }, lock: { mode: 'pessimistic_write' } });
      if (!key) throw provenanceKeyNotFound({ key: keyId });
      if (key.revokedAt) return key;
      const revoked = { revokedAt: this.clock.now(), changedBy: by, reason };
      await manager.update(ProvenanceKeyEntity, { keyId }, revoked);
      await this.tell(key, 'revoked', by, reason);
      return Object.assign(key, revoked);
    });
  }

  private async add(key: KeyObject, changedBy: string, reason: string, isWanted: boolean): Promise<ProvenanceKeyEntity> {
    return this.transactions.run(async (manager) => {
      const keyId = modelKeyId(key);
      const known = await manager.findOneBy(ProvenanceKeyEntity, { keyId });
      if (known?.revokedAt && isWanted) throw provenanceKeyRevoked({ key: keyId });
      if (known) return known;
      const publicKey = key.export({ format: 'pem', type: 'spki' }).toString();
      const row = manager.create(ProvenanceKeyEntity, {
        keyId,
        publicKey,
        createdAt: this.clock.now(),
        revokedAt: null,
        changedBy,
        reason,
      });
      const added = await manager
        .createQueryBuilder()
        .insert()
        .into(ProvenanceKeyEntity)
        .values(row)
        .orIgnore()
        .returning('key_id')
        .execute();
      if ((added.raw as unknown[]).length > 0) await this.tell(row, 'added', changedBy, reason);
      return row;
    });
  }

  private async tell(
    { keyId, publicKey }: ProvenanceKeyEntity,
    change: 'added' | 'revoked',
    changedBy: string,
    reason: string,
  ): Promise<void> {
    await this.outbox.publish({ definition: provenanceKeyChanged, data: { keyId, publicKey, change, changedBy, reason } });
  }
}
