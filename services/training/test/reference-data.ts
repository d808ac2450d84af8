import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const repository = resolve(import.meta.dirname, '../../..');
const root = resolve(repository, process.env.BASCULE_REFERENCE_DATA ?? '../shared');

/** Where a file of the published reference data lies. */
export function referencePath(path: string): string {
  return join(root, path);
}

/** A file of the reference data, or the given stand-in where it is absent: vitest reads the body of a skipped suite as well. */
export function readReference<T>(path: string, whenAbsent: T): T {
  return absent(path) ? whenAbsent : (JSON.parse(readFileSync(referencePath(path), 'utf8')) as T);
}

/** Why a suite must be skipped, as a suffix of its name; empty when its data is there. */
export function absent(path: string): string {
  return existsSync(referencePath(path)) ? '' : ` (skipped: ${path} not found; set BASCULE_REFERENCE_DATA)`;
}
