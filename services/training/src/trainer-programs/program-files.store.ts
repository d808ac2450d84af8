import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, delimiter, isAbsolute, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Injectable } from '@nestjs/common';
import type { UsedProgram } from '../trainers/job.schema.js';
import type { TrainerProgram } from './trainer-programs.js';

const mostFiles = 2_000;

/** What the files of a trainer program hold, as far as the operator named them. */
@Injectable()
export class ProgramFiles {
  private readonly known = new Map<string, { readonly state: string; readonly digest: Promise<string> }>();

  /** Whether there is a program to start: of one that a work folder would have to hold nobody knows. */
  async isThere({ command, environment }: TrainerProgram): Promise<boolean> {
    const [executable = ''] = command;
    if (executable.includes('/') && !isAbsolute(executable)) return true;
    const found = await this.locate(executable, environment['PATH']);
    return found !== undefined && isFile(found);
  }

  /** The files of a command and those it was said to consist of, by digest; what is not there is left out. */
  async describe(name: string, { command, files, version }: TrainerProgram): Promise<UsedProgram> {
    const [executable = '', ...rest] = command;
    const named = [await this.locate(executable), ...rest.filter(isAbsolute), ...files];
    const found = new Map<string, string>();
    for (const path of named) {
      for (const file of path === undefined ? [] : await filesOf(path)) {
        if (found.size < mostFiles) found.set(file, await this.digestOf(file));
      }
    }
    const told = [...found]
      .map(([path, digest]) => ({ name: basename(path), digest }))
      .sort((a, b) => (`${a.name} ${a.digest}` < `${b.name} ${b.digest}` ? -1 : 1));
    const digest = createHash('sha256')
      .update(JSON.stringify({ command, files: told }))
      .digest('hex');
    return { name, digest, files: told, ...(version === undefined ? {} : { version }) };
  }

  /** Where a program lies that is found by PATH. */
  private async locate(executable: string, path = process.env['PATH'] ?? ''): Promise<string | undefined> {
    if (executable.includes('/')) return executable;
    for (const folder of path.split(delimiter)) {
      const file = join(folder, executable);
      if (folder !== '' && (await isFile(file))) return file;
    }
    return undefined;
  }

  /** Interpreters are large and seldom change: a file whose entry was not touched is not read again. The time of its content can be set by anybody, that of its entry cannot. */
  private async digestOf(file: string): Promise<string> {
    const { size, ctimeMs, ino } = await stat(file);
    const state = `${size}:${ctimeMs}:${ino}`;
    const known = this.known.get(file);
    if (known?.state === state) return known.digest;
    const digest = hashOf(file);
    digest.catch(() => this.known.delete(file));
    this.known.set(file, { state, digest });
    return digest;
  }
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

const isFile = async (path: string): Promise<boolean> => (await stat(path).catch(() => undefined))?.isFile() ?? false;

/** A file, or all files below a folder in their order. */
async function filesOf(path: string): Promise<string[]> {
  const real = await realpath(path).catch(() => undefined);
  if (real === undefined) return [];
  if (await isFile(real)) return [real];
  const entries = await readdir(real, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('__pycache__'))
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort();
}
