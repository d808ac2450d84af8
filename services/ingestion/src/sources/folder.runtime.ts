import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { Clock, CONFIG } from '@bascule/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../config.js';
import { sourceUnavailable, sourceUnknownPlace } from '../errors.js';
import { ChangedFile, FileFault } from './file-fault.js';
import { isNamedBy } from './file-pattern.js';
import type { FolderSettings } from './sources.schema.js';

/** A file as it lies in a folder. */
export interface FoundFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly changedAt: Date;
  /** Names this content of the file, where the place has such names. */
  readonly tag?: string | undefined;
}

/** The door to folders in which others leave files. */
@Injectable()
export class SourceFolders {
  private readonly folders: Readonly<Record<string, string>>;

  constructor(
    @Inject(CONFIG) config: Config,
    private readonly clock: Clock,
  ) {
    this.folders = config.SOURCE_FOLDERS;
  }

  /** @throws when the folder is not among the settings */
  check({ folder }: FolderSettings): void {
    if (!Object.hasOwn(this.folders, folder)) throw sourceUnknownPlace({ folder }, `SOURCE_FOLDERS has no ${folder}`);
  }

  /** Files that fit the pattern and are not being written to any more, by name. */
  async list(settings: FolderSettings): Promise<FoundFile[]> {
    this.check(settings);
    const root = this.folders[settings.folder]!;
    const entries = await readdir(root, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
      throw sourceUnavailable({ folder: settings.folder }, `the folder cannot be read: ${error.code}`);
    });
    const names = entries.filter((entry) => entry.isFile() && isNamedBy(settings.pattern, entry.name)).map(({ name }) => name);
    const found: FoundFile[] = [];
    for (const name of names.sort()) {
      // a file may go while it is looked at
      const facts = await stat(join(root, name)).catch(() => undefined);
      if (!facts || facts.size === 0) continue;
      const isSettled = this.clock.now().getTime() - facts.mtimeMs >= settings.settleSeconds * 1000;
      if (isSettled) found.push({ path: name, sizeBytes: facts.size, changedAt: facts.mtime });
    }
    return found;
  }

  /** The content of a file, as long as it is the one that was listed. @throws `FileFault`, `ChangedFile` */
  read({ folder }: FolderSettings, file: FoundFile): Readable {
    const path = join(this.folders[folder]!, file.path);
    return Readable.from(unchanged(path, file));
  }
}

/** Bytes of a file; breaks off at its end where somebody wrote to it meanwhile. */
async function* unchanged(path: string, { sizeBytes, changedAt }: FoundFile): AsyncGenerator<Buffer> {
  try {
    yield* createReadStream(path, { highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>;
    const { size, mtime } = await stat(path);
    // in milliseconds as it was listed: files have finer times, and `mtime` rounds them
    if (size !== sizeBytes || mtime.getTime() !== changedAt.getTime()) throw new ChangedFile('the file was written to');
  } catch (error) {
    if (error instanceof ChangedFile) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new ChangedFile('the file is gone');
    throw new FileFault(code ?? message);
  }
}
