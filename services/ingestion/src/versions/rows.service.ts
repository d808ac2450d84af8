import type { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DatasetManifest } from '@bascule/contracts';
import { Logger } from '@bascule/platform';
import { TableWriter, type WriteOptions } from '@bascule/tables';
import { Injectable } from '@nestjs/common';
import { ContractsService } from '../contracts/contracts.service.js';
import { DatasetsService } from '../datasets/datasets.service.js';
import { rowsUnreadable } from '../errors.js';
import { masked } from '../privacy/mask.js';
import { PartRows } from '../publication/part-rows.store.js';
import type { CellValue } from '../validation/column-rule.js';
import { type Shares, shareByHash, shareByTime, timeCuts } from './split.js';

/** Which rows of a version are read, and how they are written. */
export interface RowsRequest {
  readonly format: WriteOptions['format'];
  /** Only what happened from here on, and before there. */
  readonly from?: string | undefined;
  readonly before?: string | undefined;
  /** Only one share of the rows. */
  readonly split?: { readonly name: string; readonly shares: Shares; readonly by: 'hash' | 'time'; readonly seed: string } | undefined;
  readonly maySeePersonal: boolean;
}

type Keep = (values: readonly CellValue[]) => boolean;

/** Reads the rows of a version as a file: all of them, those of a time, or one share of a split. */
@Injectable()
export class RowsService {
  constructor(
    private readonly datasets: DatasetsService,
    private readonly rows: PartRows,
    private readonly contracts: ContractsService,
    private readonly log: Logger,
  ) {}

  async read(datasetName: string, version: string, request: RowsRequest): Promise<Readable> {
    await this.datasets.getVersion(datasetName, version);
    const manifest = await this.datasets.manifestOf(version);
    const keep = await this.keeperOf(manifest, request);
    const personal = await this.contracts.personalColumns(manifest.contractName);
    const hidden = manifest.columns.map(({ name, isPersonal, type }) => {
      if (request.maySeePersonal || !(isPersonal || personal.has(name))) return undefined;
      return type === 'string' ? masked : null;
    });
    const writer = new TableWriter({ format: request.format, columns: manifest.columns });
    this.write(manifest, writer, keep, hidden).catch((error: unknown) => {
      // the answer has begun: it breaks off, and the reader sees that it is not whole
      this.log.warn({ err: error, datasetName, datasetVersion: version }, 'rows could not be read to their end');
      writer.abandon();
    });
    return writer.content;
  }

  private async write(
    manifest: DatasetManifest,
    writer: TableWriter,
    keep: Keep,
    hidden: readonly (string | null | undefined)[],
  ): Promise<void> {
    const mustHide = hidden.some((stand) => stand !== undefined);
    for (const part of manifest.parts)
      for await (const block of this.rows.blocks(part, manifest.columns)) {
        for (const values of block) {
          if (!keep(values)) continue;
          const shown = mustHide ? values.map((value, at) => (value === null || hidden[at] === undefined ? value : hidden[at])) : values;
          await writer.add(shown, 20 * shown.length);
        }
        await nextTurn();
      }
    await writer.finish();
  }

  private async keeperOf(manifest: DatasetManifest, { from, before, split }: RowsRequest): Promise<Keep> {
    const time = manifest.columns.findIndex(({ role }) => role === 'time');
    if (time < 0 && (from !== undefined || before !== undefined || split?.by === 'time'))
      throw rowsUnreadable({ dataset: manifest.datasetName }, 'the dataset has no column with the role time');
    const low = from === undefined ? Number.NEGATIVE_INFINITY : Date.parse(from);
    const high = before === undefined ? Number.POSITIVE_INFINITY : Date.parse(before);
    const isInTime: Keep = (values) => time < 0 || ((values[time] as number) >= low && (values[time] as number) < high);
    if (!split) return isInTime;
    if (split.by === 'time') {
      const cuts = timeCuts(await this.timesOf(manifest, time, isInTime), split.shares);
      return (values) => isInTime(values) && shareByTime(values[time] as number, cuts, split.shares) === split.name;
    }
    // a record keeps its share for as long as its key stays: without a key the whole record is it
    const id = manifest.columns.findIndex(({ role }) => role === 'id');
    const keyOf = (values: readonly CellValue[]) => (id < 0 ? JSON.stringify(values) : String(values[id]));
    return (values) => isInTime(values) && shareByHash(keyOf(values), split.shares, split.seed) === split.name;
  }

  private async timesOf(manifest: DatasetManifest, time: number, keep: Keep): Promise<Float64Array> {
    const times = new Float64Array(manifest.rowCount);
    let count = 0;
    for (const part of manifest.parts)
      for await (const block of this.rows.blocks(part, manifest.columns)) {
        for (const values of block) if (keep(values)) times[count++] = values[time] as number;
        await nextTurn();
      }
    return times.subarray(0, count).sort();
  }
}
