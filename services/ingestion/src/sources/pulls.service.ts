import type { Readable } from 'node:stream';
import { Transactions } from '@bascule/database';
import { Logger } from '@bascule/platform';
import { ObjectStore } from '@bascule/storage';
import { Injectable } from '@nestjs/common';
import type { ReadOptions } from '../batches/batches.schema.js';
import { BatchesService } from '../batches/batches.service.js';
import { sourceUnavailable } from '../errors.js';
import { SourceBuckets } from './bucket.runtime.js';
import { ChangedFile, FileFault } from './file-fault.js';
import { type FoundFile, SourceFolders } from './folder.runtime.js';
import { SourceEntity } from './source.entity.js';
import { SourceFiles } from './source-files.queries.js';
import { mostAttempts, SourceTroubles } from './source-troubles.queries.js';
import type { BucketSettings, FolderSettings, TableSettings } from './sources.schema.js';
import { SourceTables } from './table.runtime.js';

/** Files in a row that cannot be read, after which it is looked at whether any can. */
const mostInARow = 20;
/** So much is read of a file to see whether files can be. */
const witnessBytes = 1024 * 1024;

/** What a pull did. */
export interface Pulled {
  /** The batches it made. */
  readonly batchIds: string[];
  /** What went wrong with single files, for people; undefined where nothing did. */
  readonly trouble?: string | undefined;
}

/**
 * Pulls what is new. The content is stored first; batch and position (or the note that a file was taken) are written in one transaction
 * that looks at the position again: a pull that died, or was done twice at once, leaves one batch or none.
 * A file that cannot be read holds up no other: it is tried again by later pulls, and given up after some. A try counts only where another
 * file can be read after it; where none can, the source is to blame.
 */
@Injectable()
export class PullsService {
  constructor(
    private readonly transactions: Transactions,
    private readonly store: ObjectStore,
    private readonly batches: BatchesService,
    private readonly tables: SourceTables,
    private readonly folders: SourceFolders,
    private readonly buckets: SourceBuckets,
    private readonly files: SourceFiles,
    private readonly troubles: SourceTroubles,
    private readonly log: Logger,
  ) {}

  /** Pulls until nothing is new. */
  async pull(source: SourceEntity): Promise<Pulled> {
    const { settings } = source;
    if (settings.kind === 'postgres') return { batchIds: await this.pullTable(source, settings) };
    if (settings.kind === 's3')
      return this.pullFiles(source, settings, this.buckets.list(settings), (file) => this.buckets.read(settings, file));
    const files = await this.folders.list(settings);
    return this.pullFiles(source, settings, files, async (file) => this.folders.read(settings, file));
  }

  private async pullTable(source: SourceEntity, settings: TableSettings): Promise<string[]> {
    const made: string[] = [];
    for (let from = source.watermark; ; ) {
      const { content, last } = this.tables.newRows(settings, from);
      const stored = await this.store.put(content);
      const end = last();
      if (!end) return made;
      const batchId = await this.transactions.run(async (manager) => {
        const current = await manager.findOne(SourceEntity, { where: { name: source.name }, lock: { mode: 'pessimistic_write' } });
        if (JSON.stringify(current?.watermark) !== JSON.stringify(from)) return undefined;
        const { batch } = await this.batches.receiveStored(this.deliveryOf(source, 'application/x-ndjson'), stored, true);
        await manager.update(SourceEntity, { name: source.name }, { watermark: end.watermark, lastBatchId: batch.id });
        return batch.id;
      });
      // somebody else was here meanwhile, and goes on
      if (batchId === undefined) return made;
      made.push(batchId);
      if (end.rowCount < settings.rowsPerBatch) return made;
      from = end.watermark;
    }
  }

  private async pullFiles(
    source: SourceEntity,
    { read }: FolderSettings | BucketSettings,
    files: Iterable<FoundFile> | AsyncIterable<FoundFile>,
    open: (file: FoundFile) => Promise<Readable>,
  ): Promise<Pulled> {
    const { name } = source;
    const batchIds: string[] = [];
    const faulty: Faulty[] = [];
    let [noted, givenUp] = [0, 0];
    /** One that could be read before: tells files that cannot from a place that cannot. */
    let witness: FoundFile | undefined;
    const trust = (file: FoundFile) => {
      if (witness === undefined || file.sizeBytes < witness.sizeBytes) witness = file;
    };
    // no try counts before another file was read after it: it may be the place that is to blame
    const noteAll = async () => {
      for (const { file, reason } of faulty.slice(noted)) await this.noteFault(name, file, reason);
      noted = faulty.length;
    };
    const noteOrBreakOff = async () => {
      const unsure = faulty.length - noted;
      if (unsure === 0) return;
      const known = witness;
      if (known === undefined || !(await isReadable(() => open(known))))
        throw sourceUnavailable({ source: name }, `${unsure} files in a row cannot be read, the last one ${textOf(faulty.at(-1)!)}`);
      await noteAll();
    };
    for await (const file of files) {
      if (await this.files.isKnown(name, file)) {
        trust(file);
        continue;
      }
      if (await this.troubles.isGivenUp(name, file)) {
        givenUp++;
        continue;
      }
      try {
        const batchId = await this.takeFile(source, read, file, await open(file));
        if (batchId !== undefined) batchIds.push(batchId);
        trust(file);
        await noteAll();
      } catch (error) {
        if (error instanceof ChangedFile) continue;
        if (!(error instanceof FileFault)) throw error;
        faulty.push({ file, reason: error.message });
        if (faulty.length - noted >= mostInARow) await noteOrBreakOff();
      }
    }
    await noteOrBreakOff();
    return { batchIds, trouble: troubleOf(faulty, givenUp) };
  }

  private async noteFault(source: string, file: FoundFile, reason: string): Promise<void> {
    const attempts = await this.troubles.note(source, file, reason);
    this.log.warn({ source, path: file.path, attempts, mostAttempts, reason }, 'a file could not be read');
  }

  private async takeFile(source: SourceEntity, readOptions: ReadOptions, file: FoundFile, content: Readable): Promise<string | undefined> {
    const stored = await this.store.put(content);
    return this.transactions.run(async (manager) => {
      await manager.findOne(SourceEntity, { where: { name: source.name }, lock: { mode: 'pessimistic_write' } });
      // touched, but the same as when it was taken
      if (await this.files.see(source.name, file, stored.digest)) return undefined;
      const delivery = { ...this.deliveryOf(source, 'application/octet-stream'), readOptions };
      const { batch } = await this.batches.receiveStored(delivery, stored, true);
      await this.files.add(source.name, file, stored.digest, batch.id);
      await this.troubles.forget(source.name, file.path);
      await manager.update(SourceEntity, { name: source.name }, { lastBatchId: batch.id });
      return batch.id;
    });
  }

  private deliveryOf({ name, datasetName, contractName }: SourceEntity, contentType: string) {
    return { datasetName, contractName, contentType, origin: 'upload', sentBy: `source ${name}` } as const;
  }
}

interface Faulty {
  readonly file: FoundFile;
  readonly reason: string;
}

/** Whether content can be read, judged by its beginning. */
async function isReadable(open: () => Promise<Readable>): Promise<boolean> {
  let read = 0;
  try {
    for await (const bytes of await open()) {
      read += (bytes as Buffer).length;
      if (read >= witnessBytes) break;
    }
    return true;
  } catch (error) {
    if (error instanceof FileFault || error instanceof ChangedFile) return false;
    throw error;
  }
}

const textOf = ({ file, reason }: Faulty): string => `${file.path}: ${reason}`;

const files = (count: number): string => `${count} ${count === 1 ? 'file' : 'files'}`;

function troubleOf(faulty: readonly Faulty[], givenUp: number): string | undefined {
  const said = [
    ...(faulty.length > 0 ? [`${files(faulty.length)} could not be read, the first one ${textOf(faulty[0]!)}`] : []),
    ...(givenUp > 0 ? [`${files(givenUp)} ${givenUp === 1 ? 'was' : 'were'} given up after ${mostAttempts} tries`] : []),
  ];
  return said.length > 0 ? said.join('; ') : undefined;
}
