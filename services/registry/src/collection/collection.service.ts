import { artifactsCollected } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Outbox } from '@bascule/outbox';
import { Clock } from '@bascule/platform';
import { ObjectStore } from '@bascule/storage';
import { Injectable } from '@nestjs/common';
import { lockArtifact } from '../artifacts/lock-artifact.js';

export interface Collectable {
  readonly digest: string;
  readonly sizeBytes: number;
}

const maxAtOnce = 500;

// Only what was uploaded here is ever looked at, and only what the store did not hold before: it also holds what other services need.
// A version keeps its artifact for good, archived or not, and with it every alias, promotion and rollout of that version keeps it; so it
// keeps its profile, its report, the statement of its making, and the documents that are evidence about it.
const unneeded = `
  select digest, size_bytes from artifacts
  where created_at < $1
    and not was_there
    and not exists (select 1 from versions where artifact_digest = artifacts.digest)
    and not exists (select 1 from versions where profile_digest = artifacts.digest)
    and not exists (select 1 from versions where report_digest = artifacts.digest)
    and not exists (select 1 from versions where provenance ->> 'digest' = artifacts.digest)
    and not exists (select 1 from evidence where body ? 'digest' and body ->> 'digest' = artifacts.digest)
    and not exists (select 1 from version_signatures where bundle_digest = artifacts.digest)`;

/** Removes uploaded model files that never became a version. */
@Injectable()
export class CollectionService {
  constructor(
    private readonly transactions: Transactions,
    private readonly outbox: Outbox,
    private readonly objects: ObjectStore,
    private readonly clock: Clock,
  ) {}

  /** What nothing needs and was uploaded before the grace period; with `isDryRun` false it is removed. At most 500 at once. */
  async collect(graceHours: number, isDryRun: boolean, by: string): Promise<Collectable[]> {
    const before = new Date(this.clock.now().getTime() - graceHours * 3_600_000);
    const found = await this.find(`${unneeded} order by created_at limit ${maxAtOnce}`, [before]);
    if (isDryRun) return found;
    const removed: Collectable[] = [];
    for (const candidate of found) if (await this.removeIfUnneeded(candidate, before, graceHours, by)) removed.push(candidate);
    return removed;
  }

  /** Looks again under the lock that registrations and uploads of these bytes take, too. */
  private async removeIfUnneeded(candidate: Collectable, before: Date, graceHours: number, by: string): Promise<boolean> {
    return this.transactions.run(async (manager) => {
      await lockArtifact(manager, candidate.digest);
      const still = await this.find(`${unneeded} and digest = $2`, [before, candidate.digest]);
      if (still.length === 0) return false;
      await manager.query('delete from artifacts where digest = $1', [candidate.digest]);
      await this.outbox.publish({ definition: artifactsCollected, data: { ...candidate, graceHours, removedBy: by } });
      // last, and before the lock is given back: whoever uploads these bytes again finds them gone and stores them anew
      await this.objects.delete(candidate.digest);
      return true;
    });
  }

  private async find(sql: string, values: unknown[]): Promise<Collectable[]> {
    const rows = (await this.transactions.manager.query(sql, values)) as { digest: string; size_bytes: string }[];
    return rows.map(({ digest, size_bytes }) => ({ digest, sizeBytes: Number(size_bytes) }));
  }
}
