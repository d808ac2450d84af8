import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DatasetColumn, DatasetManifest, DatasetPart } from '@bascule/contracts';
import { Injectable } from '@nestjs/common';
import { DatasetsService } from '../datasets/datasets.service.js';
import { distanceOf } from '../profiles/profile-of.js';
import { ProfilesService } from '../profiles/profiles.service.js';
import { PartRows } from '../publication/part-rows.store.js';
import { columnDifference, statisticsDifference } from './difference.js';
import { type RowDifference, RowTally } from './row-count.js';

/** So many rows are looked at one by one; versions share the parts that did not change, and those are not read. */
const mostRows = 2_000_000;

/** What is different between two versions of a dataset. */
@Injectable()
export class DifferenceService {
  constructor(
    private readonly datasets: DatasetsService,
    private readonly profiles: ProfilesService,
    private readonly rows: PartRows,
  ) {}

  async between(datasetName: string, fromVersion: string, toVersion: string) {
    await Promise.all([this.datasets.getVersion(datasetName, fromVersion), this.datasets.getVersion(datasetName, toVersion)]);
    const [before, after] = [await this.datasets.manifestOf(fromVersion), await this.datasets.manifestOf(toVersion)];
    const [{ profile: old }, { profile: next }] = [
      await this.profiles.get(datasetName, fromVersion),
      await this.profiles.get(datasetName, toVersion),
    ];
    const [oldColumns, nextColumns] = [await this.profiles.columnsOf(before), await this.profiles.columnsOf(after)];
    const distance = (name: string) => {
      const at = before.columns.findIndex((column) => column.name === name);
      const reference = oldColumns[at]!.all;
      const current = nextColumns[after.columns.findIndex((column) => column.name === name)]!.all;
      return reference.kind === 'hidden' || reference.kind !== current.kind ? undefined : distanceOf(reference, current);
    };
    return {
      ...{ datasetName, fromVersion, toVersion },
      rows: { before: before.rowCount, after: after.rowCount, ...(await this.rowsBetween(before, after)) },
      columns: columnDifference(before.columns, after.columns),
      statistics: statisticsDifference(old, next, distance),
    };
  }

  private async rowsBetween(before: DatasetManifest, after: DatasetManifest): Promise<RowDifference> {
    const shared = new Set(before.parts.map(({ digest }) => digest).filter((digest) => after.parts.some((part) => part.digest === digest)));
    const only = ({ parts }: DatasetManifest) => parts.filter(({ digest }) => !shared.has(digest));
    const [gone, come] = [only(before), only(after)];
    const [removed, added] = [rowsIn(gone), rowsIn(come)];
    // only one side has parts of its own: its rows are the difference
    if (removed === 0 || added === 0) return { added, removed, isExact: true };
    if (removed + added > mostRows) return { added, removed, isExact: false };
    const columns = after.columns.filter(({ name }) => before.columns.some((column) => column.name === name));
    const tally = new RowTally();
    await this.count(gone, columns, -1, tally);
    await this.count(come, columns, 1, tally);
    return tally.difference();
  }

  private async count(parts: readonly DatasetPart[], columns: readonly DatasetColumn[], side: 1 | -1, tally: RowTally): Promise<void> {
    for (const part of parts)
      for await (const block of this.rows.blocks(part, columns)) {
        for (const values of block) tally.add(values, side);
        await nextTurn();
      }
  }
}

function rowsIn(parts: readonly DatasetPart[]): number {
  return parts.reduce((sum, { rowCount }) => sum + rowCount, 0);
}
