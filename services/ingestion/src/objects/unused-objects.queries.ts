import { createDataSource, outliveLostConnections } from '@bascule/database';
import { CONFIG } from '@bascule/platform';
import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { Config } from '../config.js';

/** An object that this service stored and that no transaction has taken into use. */
export interface UnusedObject {
  readonly digest: string;
  readonly firstStoredAt: Date;
}

/**
 * Which objects were stored and not taken into use yet. Written on a connection of its own: what a transaction stored is on record also when
 * the transaction is not, and a pool whose connections all wait for another one would wait for ever.
 */
@Injectable()
export class UnusedObjects implements OnModuleInit, OnApplicationShutdown {
  private readonly source;

  constructor(@Inject(CONFIG) config: Config) {
    this.source = createDataSource({ service: 'ingestion', url: config.DATABASE_URL, entities: [], poolSize: 1 });
  }

  async onModuleInit(): Promise<void> {
    outliveLostConnections(await this.source.initialize());
  }

  async onApplicationShutdown(): Promise<void> {
    if (this.source.isInitialized) await this.source.destroy();
  }

  /** Notes that an object is about to be stored; one that the store has already, and that is not on record, is somebody's. Never waits for a lock. */
  async note(digest: string, isThere: boolean): Promise<void> {
    if (!isThere)
      await this.source.query(
        'insert into unused_objects (digest, first_stored_at, stored_at) values ($1, now(), now()) on conflict (digest) do nothing',
        [digest],
      );
    await this.source.query(
      `update unused_objects set stored_at = now()
       where digest in (select digest from unused_objects where digest = $1 for update skip locked)`,
      [digest],
    );
  }

  /** Those that were stored so long ago, the oldest first. */
  async before(hours: number, limit: number): Promise<UnusedObject[]> {
    return (await this.source.query(
      `select digest, first_stored_at as "firstStoredAt" from unused_objects
       where stored_at <= now() - make_interval(secs => $1) order by stored_at limit $2`,
      [hours * 3600, limit],
    )) as UnusedObject[];
  }

  /** Those of the digests of which that is still so. */
  async stillBefore(hours: number, digests: readonly string[]): Promise<Set<string>> {
    const rows = (await this.source.query(
      'select digest from unused_objects where digest = any($1) and stored_at <= now() - make_interval(secs => $2)',
      [digests, hours * 3600],
    )) as { digest: string }[];
    return new Set(rows.map(({ digest }) => digest));
  }

  /** Takes objects off the record unless they were stored again. */
  async forget(hours: number, digests: readonly string[]): Promise<void> {
    await this.source.query('delete from unused_objects where digest = any($1) and stored_at <= now() - make_interval(secs => $2)', [
      digests,
      hours * 3600,
    ]);
  }
}
