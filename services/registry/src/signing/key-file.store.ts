import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { link, mkdir, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CONFIG, newId } from '@bascule/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../config.js';

/** The file with the private key that signs now, shared by all registries of an installation. */
@Injectable()
export class KeyFile {
  private readonly path: string;

  constructor(@Inject(CONFIG) config: Config) {
    this.path = config.MODEL_SIGNING_KEY_FILE ?? join(config.OBJECT_ROOT, 'signing', 'model-key.pem');
  }

  /** The key that signs now; made when there is none yet. Read anew each time: another registry may have changed it. */
  async read(): Promise<KeyObject> {
    try {
      return createPrivateKey(await readFile(this.path, 'utf8'));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    const draft = await this.draft();
    // of two that make the first key at once, one wins and both use it
    await link(draft, this.path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    await unlink(draft);
    return createPrivateKey(await readFile(this.path, 'utf8'));
  }

  /** Puts a new key in the place of the old one. */
  async replace(): Promise<KeyObject> {
    const draft = await this.draft();
    await rename(draft, this.path);
    return createPrivateKey(await readFile(this.path, 'utf8'));
  }

  private async draft(): Promise<string> {
    const draft = `${this.path}.${newId()}`;
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    await mkdir(dirname(this.path), { recursive: true, mode: 0o700 });
    await writeFile(draft, privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 });
    return draft;
  }
}
