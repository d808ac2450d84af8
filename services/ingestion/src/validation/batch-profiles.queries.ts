import { Transactions } from '@bascule/database';
import { Injectable } from '@nestjs/common';
import { DatasetsService } from '../datasets/datasets.service.js';
import type { BatchProfile } from './batch-profile.js';
import type { SentProfile } from './label-flood.js';

/** So many of the last batches are the history that a batch is held against. */
const batches = 30;
/** Of a version of many batches the newest are read. */
const mostOfVersion = 1000;
/** Of tables with very many columns fewer batches are read, the newest at least. */
const mostBytes = 8_000_000;

/** Profiles of the batches that were taken; used under the lock of the dataset. */
@Injectable()
export class BatchProfiles {
  constructor(
    private readonly transactions: Transactions,
    private readonly datasets: DatasetsService,
  ) {}

  /** Keeps the profile of a batch that was taken. */
  async add(batchId: string, datasetName: string, { sentBy, receivedAt, profile }: SentProfile): Promise<void> {
    await this.transactions.manager.query(
      'insert into batch_profiles (batch_id, dataset_name, sent_by, received_at, profile) values ($1, $2, $3, $4, $5) on conflict do nothing',
      [batchId, datasetName, sentBy, receivedAt, JSON.stringify(profile)],
    );
  }

  /** The batches that the version with a tag is made of, newest first; undefined where there is no such tag. */
  async tagged(datasetName: string, tag: string): Promise<SentProfile[] | undefined> {
    const [tagged] = (await this.transactions.manager.query('select version from dataset_tags where dataset_name = $1 and tag = $2', [
      datasetName,
      tag,
    ])) as { version: string }[];
    if (!tagged) return undefined;
    const { parts } = await this.datasets.manifestOf(tagged.version);
    const batchIds = [...new Set(parts.map(({ batchId }) => batchId))];
    return this.read(`dataset_name = $1 and batch_id = any($4)`, datasetName, mostOfVersion, [batchIds]);
  }

  /** The last batches of a dataset, newest first. */
  async recent(datasetName: string): Promise<SentProfile[]> {
    return this.read('dataset_name = $1', datasetName, batches);
  }

  private async read(where: string, datasetName: string, most: number, more: unknown[] = []): Promise<SentProfile[]> {
    const rows = (await this.transactions.manager.query(
      `select sent_by, received_at, profile from (
         select sent_by, received_at, profile, row_number() over newest as number, sum(octet_length(profile::text)) over newest as size
         from batch_profiles where ${where} window newest as (order by batch_id desc) order by batch_id desc limit $2) as recent
       where number = 1 or size <= $3 order by number`,
      [datasetName, most, mostBytes, ...more],
    )) as { sent_by: string; received_at: Date; profile: BatchProfile }[];
    return rows.map(({ sent_by: sentBy, received_at: receivedAt, profile }) => ({ sentBy, receivedAt, profile }));
  }
}
