import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes the key that training signs with when there is none, and puts its public half into the file of keys that the registry trusts.
 * A key that was replaced by hand is added beside the former ones: what they signed stays good until they are revoked.
 * @param mode of the private key
 */
export function shareProvenanceKey(privateFile: string, publicFile: string, mode = 0o600): void {
  for (const file of [privateFile, publicFile]) mkdirSync(dirname(file), { recursive: true });
  if (!existsSync(privateFile)) {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    write(privateFile, privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(), mode);
  }
  const publicKey = createPublicKey(createPrivateKey(readFileSync(privateFile, 'utf8')));
  const pem = publicKey.export({ format: 'pem', type: 'spki' }).toString();
  const trusted = existsSync(publicFile) ? readFileSync(publicFile, 'utf8') : '';
  if (!trusted.includes(pem.trim())) write(publicFile, `${trusted}${pem}`, 0o644);
}

/** Whole or not at all. */
function write(path: string, text: string, mode: number): void {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, text, { mode });
  renameSync(draft, path);
}
