import type { DatasetProfiled } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Injectable } from '@nestjs/common';
import type { RunEntity } from '../runs/run.entity.js';

/** Digests of the profiles that a run may be told of. */
export interface KnownProfiles {
  /** Of its dataset version. */
  readonly data: string;
  /** Of the version that the pipeline learnt from before, where that is another one. */
  readonly former?: string;
}

/** The profiles that ingestion made of dataset versions. */
@Injectable()
export class DatasetProfilesService {
  constructor(private readonly transactions: Transactions) {}

  /** Remembers a profile; an older one does not replace a newer one. */
  async record({ data, time }: DatasetProfiled): Promise<void> {
    await this.transactions.manager.query(
      `insert into dataset_profiles (dataset_name, dataset_version, profile_digest, profiled_at) values ($1, $2, $3, $4)
       on conflict (dataset_name, dataset_version) do update set profile_digest = excluded.profile_digest, profiled_at = excluded.profiled_at
       where dataset_profiles.profiled_at < excluded.profiled_at`,
      [data.datasetName, data.datasetVersion, data.profileDigest, new Date(time)],
    );
  }

  /** What is known for a run; undefined where its data have no profile yet. */
  async knownFor({ id, pipelineName, datasetName, datasetVersion }: RunEntity): Promise<KnownProfiles | undefined> {
    const [row]: { data: string; former: string | null }[] = await this.transactions.manager.query(
      `select own.profile_digest as data, former.profile_digest as former
       from dataset_profiles own
       left join lateral (
         select dataset_version from runs
         where pipeline_name = $1 and status = 'succeeded' and id < $2 and dataset_name = $3
         order by id desc limit 1
       ) learnt on learnt.dataset_version <> own.dataset_version
       left join dataset_profiles former on former.dataset_name = $3 and former.dataset_version = learnt.dataset_version
       where own.dataset_name = $3 and own.dataset_version = $4`,
      [pipelineName, id, datasetName, datasetVersion],
    );
    return row && { data: row.data, ...(row.former === null ? {} : { former: row.former }) };
  }
}
