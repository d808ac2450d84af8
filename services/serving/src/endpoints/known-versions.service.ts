import type { VersionRegistered } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Injectable } from '@nestjs/common';
import { KnownVersion } from './known-version.entity.js';

/** Registered versions, remembered from their events: asking the registry would tie one service to the other. */
@Injectable()
export class KnownVersionsService {
  constructor(private readonly transactions: Transactions) {}

  async remember({ modelName, version, artifactDigest, artifactSizeBytes, signature }: VersionRegistered['data']): Promise<void> {
    await this.transactions.manager.upsert(
      KnownVersion,
      { modelName, version, artifactDigest, artifactSizeBytes, signature: signature as never },
      ['modelName', 'version'],
    );
  }

  async archive(modelName: string, version: number): Promise<void> {
    await this.transactions.manager.upsert(KnownVersion, { modelName, version, isArchived: true }, ['modelName', 'version']);
  }

  async find(modelName: string, version: number): Promise<KnownVersion | undefined> {
    return (await this.transactions.manager.findOneBy(KnownVersion, { modelName, version })) ?? undefined;
  }
}
