import { isDeepStrictEqual } from 'node:util';
import { type AccessEntry, accessEntry, buckets } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { KvWatch, KvWriter, NATS, type NatsConnectionHolder } from '@bascule/messaging';
import { Logger } from '@bascule/platform';
import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { AccessKey } from './access-key.entity.js';

// any number, the same in every replica
const projectionLock = 7_201_002;

function entryOf({ keyId, identity, secretHash, roles, models, datasets, revokedAt, limits }: AccessKey): AccessEntry {
  const entry = { keyId, identity, secretHash, roles, models, datasets, revokedAt: revokedAt?.toISOString() ?? null };
  return limits ? { ...entry, limits } : entry;
}

/** Copies keys from the table to the bucket that every service watches. */
@Injectable()
export class AccessProjectionService implements OnModuleInit, OnModuleDestroy {
  private readonly writer: KvWriter;
  private readonly seen: KvWatch<AccessEntry>;

  constructor(
    @Inject(NATS) connection: NatsConnectionHolder,
    private readonly transactions: Transactions,
    private readonly log: Logger,
  ) {
    this.writer = new KvWriter(connection);
    this.seen = new KvWatch(connection, buckets.access, accessEntry);
  }

  async onModuleInit(): Promise<void> {
    await this.seen.start();
    // a restarted NATS may have lost keys: they come back at once, not at the next comparison
    this.seen.onChange((keyId, value) => void this.restore(keyId, value));
  }

  onModuleDestroy(): void {
    this.seen.stop();
  }

  /** Writes one key as it is now. Under a lock, because an older reading must never overwrite a revocation. */
  async project(keyId: string): Promise<void> {
    await this.transactions.run(async (manager) => {
      await manager.query('SELECT pg_advisory_xact_lock($1)', [projectionLock]);
      const key = await manager.findOneBy(AccessKey, { keyId });
      if (key) await this.writer.put(buckets.access, keyId, entryOf(key));
    });
  }

  /** Writes every key the bucket does not show as the table has it. */
  async projectDifferences(): Promise<void> {
    const keys = await this.transactions.manager.find(AccessKey);
    for (const key of keys) {
      if (!isDeepStrictEqual(this.seen.get(key.keyId), entryOf(key))) await this.project(key.keyId);
    }
  }

  private async restore(keyId: string, shown: AccessEntry | undefined): Promise<void> {
    try {
      const key = await this.transactions.manager.findOneBy(AccessKey, { keyId });
      if (key && !isDeepStrictEqual(shown, entryOf(key))) await this.project(keyId);
    } catch (error) {
      this.log.warn({ err: error, keyId }, 'a key differs in the bucket and was not written again; it is tried again');
    }
  }
}
