import { createHmac } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CONFIG, newId } from '@bascule/platform';
import { type NoteSigner, newSignerKey, readSignerKey, verifierKeyOf } from '@bascule/proofs';
import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../config.js';

const keyName = 'bascule-gateway';

/** The key that receipts are signed with; gateways that share its file share the key. The first to find none makes it. */
@Injectable()
export class SigningKey {
  readonly signer: NoteSigner;
  /** What auditors and clients check receipts with. */
  readonly verifierKey: string;
  private readonly saltKey: Buffer;

  constructor(@Inject(CONFIG) config: Config) {
    const path = config.RECEIPT_KEY_FILE ?? join(config.SPILL_DIR, 'receipt.key');
    const text = find(path) ?? make(path);
    this.signer = readSignerKey(text);
    this.verifierKey = verifierKeyOf(this.signer);
    this.saltKey = createHmac('sha256', text.trim()).update('salts of rows').digest();
  }

  /**
   * Salt of a row, 32 bytes: the same at every gateway with this key, and nobody without it can guess at what was hashed.
   * The client gets it with its receipt.
   */
  saltOf(predictionId: string): Buffer {
    return createHmac('sha256', this.saltKey).update(predictionId).digest();
  }
}

function find(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function make(path: string): string {
  mkdirSync(dirname(path), { recursive: true });
  const draft = `${path}.${newId()}`;
  writeFileSync(draft, `${newSignerKey(keyName)}\n`, { mode: 0o600, flush: true });
  try {
    // a link fails when the name is taken: two gateways never end up with two keys
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    unlinkSync(draft);
  }
  return readFileSync(path, 'utf8');
}
