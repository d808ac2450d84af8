import { createPublicKey, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { CONFIG } from '@bascule/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../config.js';

const pemKey = /-----BEGIN PUBLIC KEY-----[\s\S]*?-----END PUBLIC KEY-----/g;

/** The file with the public keys that the installation trusts, one PEM text after the other. */
@Injectable()
export class ProvenanceKeyFile {
  constructor(@Inject(CONFIG) private readonly config: Config) {}

  /** Read anew each time; none without the setting, or before the file is there. */
  async read(): Promise<KeyObject[]> {
    const { PROVENANCE_KEYS_FILE: path } = this.config;
    if (path === undefined) return [];
    const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
      return '';
    });
    return (text.match(pemKey) ?? []).map((pem) => createPublicKey(pem));
  }
}
