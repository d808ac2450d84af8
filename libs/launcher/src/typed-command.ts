import { existsSync, realpathSync } from 'node:fs';
import { resolve } from 'node:path';

const real = (path: string) => (existsSync(path) ? realpathSync(path) : resolve(path));

/** What to type for a command of the operator's tool; the folder is named unless it is the usual one. */
export function typedCommand(command: string, dir: string, usual = '.bascule'): string {
  const isUsual = real(dir) === real(usual);
  const quoted = /^[\w./@%+=:,-]+$/.test(dir) ? dir : `'${dir.replaceAll("'", "'\\''")}'`;
  return `npm run bascule -- ${command}${isUsual ? '' : ` --data ${quoted}`}`;
}
