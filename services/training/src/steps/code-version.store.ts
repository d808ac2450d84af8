import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Injectable } from '@nestjs/common';

const require = createRequire(import.meta.url);
const own = fileURLToPath(new URL('../../dist', import.meta.url));
/** Libraries of ours whose code decides which bytes come out, beside this service's own. */
export const namedLibraries = ['@bascule/contracts', '@bascule/proofs', '@bascule/proto', '@bascule/stats', '@bascule/storage'] as const;

export interface CodeVersion {
  /** SHA-256 over the compiled code of this service and of its libraries, and the versions of what they use: what decides which bytes come out. */
  readonly digest: string;
  readonly training: string;
  readonly onnxruntime: string;
  readonly node: string;
}

/** Names the code that steps are carried out by. */
@Injectable()
export class CodeVersionStore {
  private version: Promise<CodeVersion> | undefined;

  get(): Promise<CodeVersion> {
    this.version ??= readVersion();
    return this.version;
  }
}

async function readVersion(): Promise<CodeVersion> {
  const hash = createHash('sha256');
  for (const folder of [own, ...namedLibraries.map((name) => dirname(fileURLToPath(import.meta.resolve(name))))]) {
    // names the exact version of every library of others
    hash.update(await readFile(join(folder, '..', 'package.json')));
    const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.js') && !name.endsWith('.spec.js'));
    for (const name of names.sort()) hash.update(`${name}\0`).update(await readFile(join(folder, name)));
  }
  const onnxruntime = (require('onnxruntime-node/package.json') as { version: string }).version;
  const { version: training } = JSON.parse(await readFile(join(own, '..', 'package.json'), 'utf8')) as { version: string };
  hash.update(`\0${onnxruntime}\0${process.version}`);
  return { digest: hash.digest('hex'), training, onnxruntime, node: process.version };
}
