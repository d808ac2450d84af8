import { type DatasetPart, datasetManifest } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { ObjectStore } from '@bascule/storage';
import { Injectable } from '@nestjs/common';
import type { DatasetVersionEntity } from '../datasets/dataset-version.entity.js';
import { openPart } from '../evaluation/parquet-part.js';
import type { PipelineEntity } from '../pipelines/pipeline.entity.js';
import { coarsened, type LabelShift, labelShiftOf, type ValueCounts } from './label-shift.js';

const maxValues = 1000;

/** How labels are distributed in the parts of dataset versions; each part is read once. */
@Injectable()
export class LabelFactsService {
  constructor(
    private readonly transactions: Transactions,
    private readonly objects: ObjectStore,
  ) {}

  /** Labels in the version trained on last, and in what a later one has beyond it. */
  async compare(
    { label }: Pick<PipelineEntity, 'label'>,
    trained: DatasetVersionEntity,
    latest: DatasetVersionEntity,
  ): Promise<LabelShift> {
    const [before, now] = [await this.partsOf(trained.version), await this.partsOf(latest.version)];
    const known = new Set(before.map(({ digest }) => digest));
    const added = now.filter(({ digest }) => !known.has(digest));
    return labelShiftOf(label, await this.countsOf(before, label.column), await this.countsOf(added, label.column));
  }

  private async partsOf(version: string): Promise<readonly DatasetPart[]> {
    return datasetManifest.parse(JSON.parse((await this.objects.get(version)).toString('utf8'))).parts;
  }

  private async countsOf(parts: readonly DatasetPart[], column: string): Promise<ValueCounts> {
    const counts = new Map<string, number>();
    for (const part of parts) {
      for (const [value, count] of Object.entries(await this.valuesOf(part.digest, column))) {
        counts.set(value, (counts.get(value) ?? 0) + count);
      }
    }
    return Object.fromEntries(counts);
  }

  private async valuesOf(digest: string, column: string): Promise<ValueCounts> {
    const { manager } = this.transactions;
    const select = 'select value_counts from part_labels where part_digest = $1 and label_column = $2';
    const [kept]: { value_counts: ValueCounts }[] = await manager.query(select, [digest, column]);
    if (kept) return kept.value_counts;
    const counted = await this.read(digest, column);
    const insert = 'insert into part_labels (part_digest, label_column, value_counts) values ($1, $2, $3) on conflict do nothing';
    await manager.query(insert, [digest, column, JSON.stringify(counted)]);
    return counted;
  }

  private async read(digest: string, column: string): Promise<ValueCounts> {
    const part = await openPart(await this.objects.get(digest));
    if (!part.has(column)) return {};
    const counts = new Map<string, number>();
    for (const range of part.ranges) {
      for (const value of Array.from(await part.read(column, range))) {
        if (value === null || value === undefined || value === '') continue;
        const text = String(value);
        counts.set(text, (counts.get(text) ?? 0) + 1);
      }
    }
    // a label with more values than this is no class: it is counted, but not told apart
    const kept = new Map<string, number>();
    for (const [value, count] of coarsened(counts, maxValues)) {
      const key = kept.size < maxValues ? value : '';
      kept.set(key, (kept.get(key) ?? 0) + count);
    }
    return Object.fromEntries(kept);
  }
}
