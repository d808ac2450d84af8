import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const made = new Set<string>();
process.once('exit', () => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});

/** A folder of its own that vanishes with the process; other users may pass through it, as PostgreSQL must under root. */
export function temporaryFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `bascule-${name}-`));
  chmodSync(folder, 0o755);
  made.add(folder);
  return folder;
}

/** Removes such a folder early. */
export function removeFolder(folder: string): void {
  made.delete(folder);
  rmSync(folder, { recursive: true, force: true });
}
