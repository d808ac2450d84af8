import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CONFIG, newId } from '@bascule/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../config.js';
import { type BoxKey, boxKey } from './secret-box.js';

/**
 * The file with the keys that secrets of webhooks are encrypted with, in base64, one a line: the first encrypts, the others still
 * decrypt. All registries of an installation share it; the database never sees it.
 */
@Injectable()
export class SecretKeyFile {
  private readonly path: string;

  constructor(@Inject(CONFIG) config: Config) {
    this.path = config.WEBHOOK_KEY_FILE ?? join(config.OBJECT_ROOT, 'signing', 'webhook-keys');
  }

  /** At least one key; made when there is none yet. Read anew each time: another registry may have changed it. */
  async read(): Promise<readonly [BoxKey, ...BoxKey[]]> {
    const kept = await this.find();
    if (kept) return kept;
    const draft = await this.write([randomBytes(32)]);
    // of two that make the first key at once, one wins and both use it
    await link(draft, this.path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    await unlink(draft);
    const made = await this.find();
    if (!made) throw new Error(`${this.path} went away`);
    return made;
  }

  /**
   * Puts a new key before the one that encrypted until now; older ones go, unless something is encrypted with them.
   * @param needed names of keys
   */
  async renew(needed: ReadonlySet<string>): Promise<readonly [BoxKey, ...BoxKey[]]> {
    const stay = (await this.read()).filter(({ id }, at) => at === 0 || needed.has(id));
    await rename(await this.write([randomBytes(32), ...stay.map(({ bytes }) => bytes)]), this.path);
    return this.read();
  }

  private async find(): Promise<[BoxKey, ...BoxKey[]] | undefined> {
    const text = await readFile(this.path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
      return undefined;
    });
    if (text === undefined) return undefined;
    const [first, ...others] = text.split('\n').filter((line) => line !== '');
    if (first === undefined) throw new Error(`${this.path} holds no key`);
    return [boxKey(Buffer.from(first, 'base64')), ...others.map((line) => boxKey(Buffer.from(line, 'base64')))];
  }

  private async write(keys: readonly Buffer[]): Promise<string> {
    const draft = `${this.path}.${newId()}`;
    await mkdir(dirname(this.path), { recursive: true, mode: 0o700 });
    await writeFile(draft, `${keys.map((key) => key.toString('base64')).join('\n')}\n`, { mode: 0o600 });
    return draft;
  }
}
