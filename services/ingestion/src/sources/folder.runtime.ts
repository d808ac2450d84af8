import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { Clock, CONFIG } from '@bascule/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../config.js';
import { sourceUnavailable, sourceUnknownPlace } from '../errors.js';
import { isNamedBy } from './file-pattern.js';
import type { FolderSettings } from './sources.schema.js';

/** A file as it lies in a folder. */
export interface FoundFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly changedAt: Date;
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

  read({ folder }: FolderSettings, { path }: FoundFile): Readable {
    return createReadStream(join(this.folders[folder]!, path), { highWaterMark: 1024 * 1024 });
  }
}
