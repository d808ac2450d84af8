import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type NoteSigner, newSignerKey, readSignerKey } from '@bascule/proofs';

async function findKey(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Reads the signing key of the log; the first replica to find none makes it, readable by its user only. */
export async function loadSigningKey(path: string, origin: string): Promise<NoteSigner> {
  const existing = await findKey(path);
  if (existing !== undefined) return readSignerKey(existing);
  await mkdir(dirname(path), { recursive: true });
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, `${newSignerKey(origin)}\n`, { mode: 0o600, flush: true });
  try {
    // a link fails when the name is taken: two replicas never end up with two keys
    await link(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await unlink(draft);
  }
  return readSignerKey(await readFile(path, 'utf8'));
}
