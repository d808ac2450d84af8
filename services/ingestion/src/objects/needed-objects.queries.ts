import { datasetManifest } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { ObjectStore } from '@bascule/storage';
import { Injectable } from '@nestjs/common';

/** What the tables of this service, and the manifests they name, need of the object store. */
@Injectable()
export class NeededObjects {
  constructor(
    private readonly transactions: Transactions,
    private readonly store: ObjectStore,
  ) {}

  /** Those of the digests that a batch, a version or a profile is stored under. */
  async named(digests: readonly string[]): Promise<Set<string>> {
    const rows = (await this.transactions.manager.query(
      `select content_digest as digest from batches where content_digest = any($1)
       union select report->'repairs'->>'digest' from batches where report->'repairs'->>'digest' = any($1)
       union select labels->>'digest' from batches where labels->>'digest' = any($1)
       union select version from dataset_versions where version = any($1)
       union select profile_digest from dataset_versions where profile_digest = any($1)`,
      [digests],
    )) as { digest: string }[];
    return new Set(rows.map(({ digest }) => digest));
  }

  /** Adds the parts, and the files beside them, of the versions that were published since a time. @param seen versions that were looked at before */
  async addParts(since: Date, seen: Set<string>, needed: Set<string>): Promise<void> {
    const rows = (await this.transactions.manager.query('select version from dataset_versions where created_at >= $1', [since])) as {
      version: string;
    }[];
    for (const { version } of rows) {
      if (seen.has(version)) continue;
      const manifest = datasetManifest.parse(JSON.parse((await this.store.get(version)).toString('utf8')));
      for (const { digest, labels } of manifest.parts) {
        needed.add(digest);
        if (labels) needed.add(labels.digest);
      }
      seen.add(version);
    }
  }
}
