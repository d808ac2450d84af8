import { Transactions } from '@bascule/database';
import { Injectable } from '@nestjs/common';
import type { BatchProfile } from './batch-profile.js';
import type { SentProfile } from './label-flood.js';

/** So many of the last batches are the history that a batch is held against. */
const batches = 30;
/** Of tables with very many columns fewer batches are read, the newest at least. */
const mostBytes = 8_000_000;

/** Profiles of the batches that were taken; used under the lock of the dataset. */
@Injectable()
export class BatchProfiles {
  constructor(private readonly transactions: Transactions) {}

  /** Keeps the profile of a batch that was taken. */
  async add(batchId: string, datasetName: string, { sentBy, receivedAt, profile }: SentProfile): Promise<void> {
    await this.transactions.manager.query(
      'insert into batch_profiles (batch_id, dataset_name, sent_by, received_at, profile) values ($1, $2, $3, $4, $5) on conflict do nothing',
      [batchId, datasetName, sentBy, receivedAt, JSON.stringify(profile)],
    );
  }

  /** The last batches of a dataset, newest first. */
  async recent(datasetName: string): Promise<SentProfile[]> {
    const rows = (await this.transactions.manager.query(
      `select sent_by, received_at, profile from (
         select sent_by, received_at, profile, row_number() over newest as number, sum(octet_length(profile::text)) over newest as size
         from batch_profiles where dataset_name = $1 window newest as (order by batch_id desc) order by batch_id desc limit $2) as recent
       where number = 1 or size <= $3 order by number`,
      [datasetName, batches, mostBytes],
    )) as { sent_by: string; received_at: Date; profile: BatchProfile }[];
    return rows.map(({ sent_by: sentBy, received_at: receivedAt, profile }) => ({ sentBy, receivedAt, profile }));
  }
}
