import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';

const ed25519 = 1;
const privatePrefix = Buffer.from('302e020100300506032b657004220420', 'hex');
const publicPrefix = Buffer.from('302a300506032b6570032100', 'hex');

/** Public half of a note key. */
export interface NoteVerifier {
  readonly name: string;
  /** First four bytes of SHA-256(name ‖ newline ‖ algorithm ‖ public key). */
  readonly keyHash: Buffer;
  readonly publicKey: KeyObject;
}

/** Private half of a note key. */
export interface NoteSigner {
  readonly name: string;
  readonly keyHash: Buffer;
  readonly privateKey: KeyObject;
}

function keyHashOf(name: string, key: Buffer): Buffer {
  return createHash('sha256').update(`${name}\n`).update(key).digest().subarray(0, 4);
}

function publicBytes(privateKey: KeyObject): Buffer {
  const der = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  return Buffer.concat([Buffer.from([ed25519]), der.subarray(publicPrefix.length)]);
}

function split(text: string): { name: string; hash: string; key: Buffer } {
  const [, name, hash, key] = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)$/.exec(text) ?? [];
  if (!name || !hash || !key) throw new Error('a note key has the form <name>+<hash>+<base64 key>');
  const bytes = Buffer.from(key, 'base64');
  if (bytes.length !== 33 || bytes[0] !== ed25519) throw new Error('only Ed25519 note keys are known');
  return { name, hash, key: bytes };
}

/** Reads `<name>+<hash>+<base64>`; throws when the hash is not that of the key. */
export function readVerifierKey(text: string): NoteVerifier {
  const { name, hash, key } = split(text.trim());
  const keyHash = keyHashOf(name, key);
  if (keyHash.toString('hex') !== hash) throw new Error('the hash of the verifier key does not fit the key');
  const publicKey = createPublicKey({ key: Buffer.concat([publicPrefix, key.subarray(1)]), format: 'der', type: 'spki' });
  return { name, keyHash, publicKey };
}

/** Reads `PRIVATE+KEY+<name>+<hash>+<base64>`. */
export function readSignerKey(text: string): NoteSigner {
  const { name, hash, key } = split(text.trim().replace(/^PRIVATE\+KEY\+/, ''));
  const privateKey = createPrivateKey({ key: Buffer.concat([privatePrefix, key.subarray(1)]), format: 'der', type: 'pkcs8' });
  const keyHash = keyHashOf(name, publicBytes(privateKey));
  if (keyHash.toString('hex') !== hash) throw new Error('the hash of the signer key does not fit the key');
  return { name, keyHash, privateKey };
}

/** The verifier key to hand to auditors. */
export function verifierKeyOf({ name, keyHash, privateKey }: NoteSigner): string {
  return `${name}+${keyHash.toString('hex')}+${publicBytes(privateKey).toString('base64')}`;
}

/** Makes a new signer key under that name, as text for a file. */
export function newSignerKey(name: string): string {
  if (/[\s+]/.test(name) || name === '') throw new Error('a key name holds neither spaces nor plus signs');
  const { privateKey } = generateKeyPairSync('ed25519');
  const seed = privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(privatePrefix.length);
  const hash = keyHashOf(name, publicBytes(privateKey)).toString('hex');
  return `PRIVATE+KEY+${name}+${hash}+${Buffer.concat([Buffer.from([ed25519]), seed]).toString('base64')}`;
}
