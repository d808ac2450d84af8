import { Transactions } from '@bascule/database';
import { Clock } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import type { FoundFile } from './folder.runtime.js';

/** So often a file is tried before it is given up, until it changes or somebody asks for it. */
export const mostAttempts = 5;

/** A file that could not be read. */
export interface SourceTrouble {
  readonly path: string;
  readonly sizeBytes: number;
  readonly changedAt: string;
  readonly attempts: number;
  readonly lastError: string;
  readonly failedAt: string;
}

/** Which files of a source could not be read, and why. */
@Injectable()
export class SourceTroubles {
  constructor(
    private readonly transactions: Transactions,
    private readonly clock: Clock,
  ) {}

  /** True when the file, as it is now, was tried often enough. */
  async isGivenUp(sourceName: string, { path, sizeBytes, changedAt }: FoundFile): Promise<boolean> {
    const rows = (await this.transactions.manager.query(
      'select 1 from source_troubles where source_name = $1 and path = $2 and size_bytes = $3 and changed_at = $4 and attempts >= $5',
      [sourceName, path, sizeBytes, changedAt, mostAttempts],
    )) as unknown[];
    return rows.length > 0;
  }

  /** Notes a failed try; a file that changed since the last one begins anew. @returns how often it failed */
  async note(sourceName: string, { path, sizeBytes, changedAt }: FoundFile, error: string): Promise<number> {
    const [{ attempts }] = (await this.transactions.manager.query(
      `insert into source_troubles as known (source_name, path, size_bytes, changed_at, attempts, last_error, failed_at)
       values ($1, $2, $3, $4, 1, $5, $6)
       on conflict (source_name, path) do update set size_bytes = $3, changed_at = $4, last_error = $5, failed_at = $6,
         attempts = case when known.size_bytes = $3 and known.changed_at = $4 then known.attempts + 1 else 1 end
       returning attempts`,
      [sourceName, path, sizeBytes, changedAt, error.slice(0, 1000), this.clock.now()],
    )) as [{ attempts: number }];
    return attempts;
  }

  /** Forgets what was noted of one file, or of all: those that were given up are tried again. @returns of how many */
  async forget(sourceName: string, path?: string): Promise<number> {
    const [rows] = (await this.transactions.manager.query(
      'delete from source_troubles where source_name = $1 and ($2::text is null or path = $2) returning path',
      [sourceName, path ?? null],
    )) as [unknown[], number];
    return rows.length;
  }

  /** By path, from one on. */
  async list(sourceName: string, after: string, limit: number): Promise<SourceTrouble[]> {
    const rows = (await this.transactions.manager.query(
      `select path, size_bytes::float8 as "sizeBytes", changed_at as "changedAt", attempts, last_error as "lastError", failed_at as "failedAt"
       from source_troubles where source_name = $1 and path > $2 order by path limit $3`,
      [sourceName, after, limit],
    )) as (Omit<SourceTrouble, 'changedAt' | 'failedAt'> & { changedAt: Date; failedAt: Date })[];
    return rows.map((row) => ({ ...row, changedAt: row.changedAt.toISOString(), failedAt: row.failedAt.toISOString() }));
  }
}
