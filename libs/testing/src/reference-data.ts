import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const repository = resolve(import.meta.dirname, '../../..');
const root = resolve(repository, process.env['BASCULE_REFERENCE_DATA'] ?? '../shared');

/** Where a file or folder of the reference data lies, such as `data/dirty/blns/blns.json`; whether it is there, `absent` tells. */
export function referencePath(path: string): string {
  return join(root, path);
}

/** A JSON file of the reference data, or the given stand-in where it is absent: vitest reads the body of a skipped suite as well. */
export function readReference<T>(path: string, whenAbsent: T): T {
  return absent(path) ? whenAbsent : (JSON.parse(readFileSync(referencePath(path), 'utf8')) as T);
}

/** Why a suite must be skipped, as a suffix of its name; empty when all that it reads is there. */
export function absent(...paths: string[]): string {
  const missing = paths.filter((path) => !existsSync(referencePath(path)));
  return missing.length === 0 ? '' : ` (skipped: ${missing.join(', ')} not found; set BASCULE_REFERENCE_DATA)`;
}
