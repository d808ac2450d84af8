import { Transactions } from '@bascule/database';
import { Injectable } from '@nestjs/common';
import type { PartSketch } from './profile-of.js';

/** Kept sketches of parts, under the columns they were made for. */
@Injectable()
export class PartSketches {
  constructor(private readonly transactions: Transactions) {}

  async find(datasetName: string, partDigest: string, columnsDigest: string): Promise<PartSketch | undefined> {
    const [row] = (await this.transactions.manager.query(
      'select sketch from part_sketches where dataset_name = $1 and part_digest = $2 and columns_digest = $3',
      [datasetName, partDigest, columnsDigest],
    )) as { sketch: PartSketch }[];
    return row?.sketch;
  }

  async keep(datasetName: string, partDigest: string, columnsDigest: string, sketch: PartSketch): Promise<void> {
    // U+0000 is no character of PostgreSQL's json; no accepted text has it
    await this.transactions.manager.query(
      'insert into part_sketches (dataset_name, part_digest, columns_digest, sketch) values ($1, $2, $3, $4) on conflict do nothing',
      [datasetName, partDigest, columnsDigest, JSON.stringify(sketch)],
    );
  }

  async forget(datasetName: string, partDigests: readonly string[]): Promise<void> {
    await this.transactions.manager.query('delete from part_sketches where dataset_name = $1 and part_digest = any($2)', [
      datasetName,
      partDigests,
    ]);
  }

  /** Current versions without a profile. */
  async versionsWithout(limit: number): Promise<{ datasetName: string; version: string }[]> {
    return (await this.transactions.manager.query(
      `select v.dataset_name as "datasetName", v.version from datasets d
       join dataset_versions v on v.dataset_name = d.name and v.version = d.current_version
       where v.profile_digest is null order by v.created_at limit $1`,
      [limit],
    )) as { datasetName: string; version: string }[];
  }
}
