import { createReadStream } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ObjectStore } from '@bascule/storage';

const maxFiles = 50;
const maxBytes = 256 * 2 ** 20;
const nameShape = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;
/** Files that a run has of its own. */
const taken: ReadonlySet<string> = new Set(['model.onnx', 'profile.json', 'evaluation.json', 'provenance.json']);

export interface CollectedArtifact {
  readonly name: string;
  readonly digest: string;
  readonly sizeBytes: number;
}

/** Stores what a program left in its folder `artifacts`; what is left out is said. Links and folders in it are left out. */
export async function collectArtifacts(folder: string, objects: ObjectStore): Promise<{ artifacts: CollectedArtifact[]; notes: string[] }> {
  const root = join(folder, 'artifacts');
  const found = await lstat(root).catch(() => undefined);
  const names = found?.isDirectory() ? (await readdir(root)).sort() : [];
  const artifacts: CollectedArtifact[] = [];
  let [leftOut, bytes] = [0, 0];
  for (const name of names) {
    const file = await lstat(join(root, name));
    const isKept =
      file.isFile() && nameShape.test(name) && !taken.has(name) && artifacts.length < maxFiles && bytes + file.size <= maxBytes;
    if (!isKept) {
      leftOut++;
      continue;
    }
    bytes += file.size;
    artifacts.push({ name, ...(await objects.put(createReadStream(join(root, name)))) });
  }
  const notes = leftOut > 0 ? [`${leftOut} entries of the trainer's folder artifacts were not kept`] : [];
  return { artifacts, notes };
}
