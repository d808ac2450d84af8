import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CONFIG, newId } from '@bascule/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../config.js';

/** The file with the key that signs what models were made from, shared by all replicas. */
@Injectable()
export class ProvenanceKey {
  private readonly path: string;

  constructor(@Inject(CONFIG) config: Config) {
    this.path = config.PROVENANCE_KEY_FILE ?? join(config.OBJECT_ROOT, 'signing', 'provenance-key.pem');
  }

  /** The key that signs now; made when there is none yet. Read anew each time: an operator may have changed it. */
  async read(): Promise<KeyObject> {
    const kept = await readFile(this.path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
      return undefined;
    });
    if (kept !== undefined) return createPrivateKey(kept);
    const draft = `${this.path}.${newId()}`;
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    await mkdir(dirname(this.path), { recursive: true, mode: 0o700 });
    await writeFile(draft, privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 });
    // of two that make the first key at once, one wins and both use it
    await link(draft, this.path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    await unlink(draft);
    return createPrivateKey(await readFile(this.path, 'utf8'));
  }
}
