import { pipeline } from 'node:stream/promises';
import { type DatasetManifest, datasetManifest, type RoutedVersion } from '@bascule/contracts';
import { BasculeError, CONFIG } from '@bascule/platform';
import { ObjectStore } from '@bascule/storage';
import { openTable, type TableOptions, type TableReader } from '@bascule/tables';
import { Inject, Injectable } from '@nestjs/common';
import type { PieceRow } from '../batch-files/piece-file.js';
import type { BatchJob, BatchOptions, BatchSource } from '../batch-jobs/batch-job.entity.js';
import { batchInputUnfit, datasetVersionNotFound } from '../batch-jobs/errors.js';
import { BatchObjects } from '../batch-pieces/batch-objects.store.js';
import type { Config } from '../config.js';
import { quoted } from '../inference/client-text.js';
import { featurePlan } from '../records/feature-plan.js';
import { type FeatureColumn, featureColumns } from './feature-columns.js';
import { rowReader } from './read-row.js';

// a refusal is read by people
const maxNamesTold = 30;

type Input = Pick<BatchJob, 'source' | 'options' | 'version'>;

/** Reads the rows of batch jobs from the object store, in bounded memory. */
@Injectable()
export class BatchInputs {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly uploads: BatchObjects,
    private readonly objects: ObjectStore,
  ) {}

  /** The manifest of a dataset version. */
  async getManifest(datasetName: string, datasetVersion: string): Promise<DatasetManifest> {
    try {
      const bytes = await this.objects.get(datasetVersion);
      const manifest = datasetManifest.safeParse(JSON.parse(bytes.toString('utf8')));
      if (manifest.success && manifest.data.datasetName === datasetName) return manifest.data;
    } catch (error) {
      const isOther = error instanceof SyntaxError || (error instanceof BasculeError && error.kind === 'not_found');
      if (!isOther) throw error;
    }
    throw datasetVersionNotFound({ dataset: datasetName, version: datasetVersion });
  }

  /**
   * Looks at the beginning of the input: can it be read, and does it have what the model takes?
   * @throws serving.batch_input_unfit or an error of reading tables
   */
  async check(source: BatchSource, options: BatchOptions, version: RoutedVersion): Promise<void> {
    await this.plan({ source, options, version });
  }

  /** The features that the rows hold, in the order of their cells, and the column of each. */
  async plan({ source, options, version }: Input): Promise<readonly FeatureColumn[]> {
    const { present, duplicates } =
      source.kind === 'file'
        ? await this.columnsOf(source, options, version)
        : { present: await this.datasetColumns(source), duplicates: [] };
    const found = featureColumns(version.signature, options.mapping, present);
    const others = [options.idColumn, options.occurredAtColumn].filter(
      (column): column is string => column !== null && !present.includes(column),
    );
    const missing = [...(found.columns ? [] : found.missing), ...others];
    if (missing.length > 0 || !found.columns) {
      throw batchInputUnfit({}, unfitColumns(missing, present));
    }
    const used = [...found.columns.map(({ column }) => column), options.idColumn, options.occurredAtColumn];
    const twice = duplicates.filter((column) => used.includes(column));
    if (twice.length > 0)
      throw batchInputUnfit(
        {},
        `The input has more than one column ${twice.map((name) => JSON.stringify(name)).join(', ')}; nothing says which counts.`,
      );
    return found.columns;
  }

  /** The rows from the first one after `skip`, in blocks. */
  async *rows(
    { source, options, version }: Input,
    features: readonly FeatureColumn[],
    acceptedAt: Date,
    skip: number,
  ): AsyncGenerator<PieceRow[]> {
    let number = 0;
    for await (const table of this.tables(source, options, version)) {
      const read = rowReader(table, { ...options, features }, acceptedAt.getTime());
      for await (const block of table.rows()) {
        const first = number;
        number += block.length;
        if (number <= skip) continue;
        const rows = block.slice(Math.max(0, skip - first));
        const from = first + (block.length - rows.length);
        yield rows.map((row, at) => read(row, from + at + 1));
      }
    }
  }

  private async *tables(source: BatchSource, options: BatchOptions, version: RoutedVersion): AsyncGenerator<TableReader> {
    if (source.kind === 'file') {
      yield await this.open(source, options, version);
      return;
    }
    const manifest = await this.getManifest(source.datasetName, source.datasetVersion);
    for (const { digest } of manifest.parts) yield await this.openPart(digest);
  }

  private async columnsOf(
    source: BatchSource & { kind: 'file' },
    options: BatchOptions,
    version: RoutedVersion,
  ): Promise<{ present: readonly string[]; duplicates: readonly string[] }> {
    const table = await this.open(source, options, version);
    await table.close();
    return { present: table.columns, duplicates: table.facts.duplicateColumns };
  }

  private async datasetColumns(source: BatchSource & { kind: 'dataset' }): Promise<readonly string[]> {
    const manifest = await this.getManifest(source.datasetName, source.datasetVersion);
    return manifest.columns.map(({ name }) => name);
  }

  private async open({ digest, contentType }: BatchSource & { kind: 'file' }, options: BatchOptions, version: RoutedVersion) {
    const features = [...featurePlan(version.signature).names].map((name) => options.mapping[name] ?? name);
    const limits = { unpackedBytes: this.config.BATCH_MAX_BYTES };
    const told = { ...formats[contentType], expectedColumns: features, limits };
    // Parquet is read from its end; text is verified while it is read
    if (told.format !== 'parquet' && told.format !== undefined) return openTable(await this.uploads.stream(digest), told);
    await verify(this.uploads, digest);
    return openTable(this.uploads.path(digest), told);
  }

  private async openPart(digest: string): Promise<TableReader> {
    await verify(this.objects, digest);
    return openTable(this.objects.path?.(digest) ?? (await this.objects.stream(digest)), { format: 'parquet' });
  }
}

function unfitColumns(missing: readonly string[], present: readonly string[]): string {
  const list = (names: readonly string[]) => {
    const told = names.slice(0, maxNamesTold).map((name) => quoted(name));
    return `${told.join(', ')}${names.length > maxNamesTold ? ` and ${names.length - maxNamesTold} more` : ''}`;
  };
  const has = present.length === 0 ? 'it has no columns' : `it has ${list(present)}`;
  return `The input has no column ${list(missing)}; ${has}.`;
}

/** What is told about an input by its content type. */
const formats: Record<string, Pick<TableOptions, 'format' | 'header' | 'delimiter'>> = {
  'text/csv': { format: 'csv', header: true },
  'text/tab-separated-values': { format: 'csv', header: true, delimiter: '\t' },
  'application/x-ndjson': { format: 'ndjson' },
  'application/vnd.apache.parquet': { format: 'parquet' },
  'application/octet-stream': {},
};

/** Content types of inputs. */
export const inputTypes: readonly string[] = Object.keys(formats);

async function verify(objects: ObjectStore, digest: string): Promise<void> {
  await pipeline(await objects.stream(digest), async (chunks) => {
    for await (const _chunk of chunks);
  });
}
