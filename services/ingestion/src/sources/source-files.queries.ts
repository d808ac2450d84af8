import { Transactions } from '@bascule/database';
import { Injectable } from '@nestjs/common';
import type { FoundFile } from './folder.runtime.js';

/** Which files of a folder were taken. */
@Injectable()
export class SourceFiles {
  constructor(private readonly transactions: Transactions) {}

  /** True when the file looks as it did when it was taken: it need not be read. */
  async isKnown(sourceName: string, { path, sizeBytes, changedAt }: FoundFile): Promise<boolean> {
    const rows = (await this.transactions.manager.query(
      'select 1 from source_files where source_name = $1 and path = $2 and size_bytes = $3 and changed_at = $4',
      [sourceName, path, sizeBytes, changedAt],
    )) as unknown[];
    return rows.length > 0;
  }

  /** True when a file of this name and content was taken before; remembers how it looks now. */
  async see(sourceName: string, { path, changedAt }: FoundFile, digest: string): Promise<boolean> {
    const [rows] = (await this.transactions.manager.query(
      'update source_files set changed_at = $4 where source_name = $1 and path = $2 and content_digest = $3 returning path',
      [sourceName, path, digest, changedAt],
    )) as [unknown[], number];
    return rows.length > 0;
  }

  async add(sourceName: string, { path, sizeBytes, changedAt }: FoundFile, digest: string, batchId: string): Promise<void> {
    await this.transactions.manager.query(
      'insert into source_files (source_name, path, content_digest, size_bytes, changed_at, batch_id) values ($1, $2, $3, $4, $5, $6)',
      [sourceName, path, digest, sizeBytes, changedAt, batchId],
    );
  }
}
