import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { CommandError } from './running-stack.js';

/**
 * A file as the caller names it. The tool runs in the repository, where its stack is, whatever folder it is called from;
 * files are the caller's.
 */
export function callersFile(path: string): string {
  return resolve(process.env['BASCULE_CALLER_FOLDER'] || process.cwd(), path);
}

/** What is in such a file. @throws CommandError that names the file when it cannot be read */
export function readCallersFile(path: string): Buffer {
  try {
    return readFileSync(callersFile(path));
  } catch (error) {
    throw new CommandError(`cannot read ${path}: ${(error as Error).message}`);
  }
}
