import { mkdir, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CONFIG } from '@bascule/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../config.js';
import type { RunEntity } from '../runs/run.entity.js';

/** Folders that attempts and their trials work in. */
@Injectable()
export class WorkFolders {
  constructor(@Inject(CONFIG) private readonly config: Config) {}

  /** Makes the folder of an attempt; what earlier ones of the run left is removed. */
  async make({ id, attempt }: Pick<RunEntity, 'id' | 'attempt'>): Promise<string> {
    const root = this.config.WORK_ROOT ?? join(tmpdir(), 'bascule-training');
    await mkdir(root, { recursive: true, mode: 0o700 });
    // an attempt whose service was killed left its folder
    for (const left of await readdir(root)) {
      if (left.startsWith(`${id}.`)) await rm(join(root, left), { recursive: true, force: true });
    }
    const folder = join(root, `${id}.${attempt}.${this.config.INSTANCE_ID}`);
    await mkdir(folder, { mode: 0o700 });
    return folder;
  }

  /** Does work in a folder of its own within another; nothing of it stays. */
  async within<T>(parent: string, name: string, work: (folder: string) => Promise<T>): Promise<T> {
    const folder = join(parent, name);
    await mkdir(folder, { mode: 0o700 });
    try {
      return await work(folder);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
}
