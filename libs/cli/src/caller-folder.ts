import { resolve } from 'node:path';

/**
 * A file as the caller names it. The tool runs in the repository, where its stack is, whatever folder it is called from;
 * files are the caller's.
 */
export function callersFile(path: string): string {
  return resolve(process.env['BASCULE_CALLER_FOLDER'] || process.cwd(), path);
}
