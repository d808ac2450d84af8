import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { canonicalJson } from './canonical-json.js';
import { bytesOf, isSignedByOneOf, signEnvelope } from './dsse.js';

// OpenSSF Model Signing v1.0: an in-toto statement in a DSSE envelope in a sigstore bundle, signed with an elliptic-curve key.
export const modelBundleType = 'application/vnd.dev.sigstore.bundle.v0.3+json';
const payloadType = 'application/vnd.in-toto+json';
const statementType = 'https://in-toto.io/Statement/v1';
const predicateType = 'https://model_signing/signature/v1.0';

/** One signed file and the SHA-256 of its bytes, in hex. */
export interface SignedFile {
  readonly name: string;
  readonly digest: string;
}

/** What a model signature says, once its signature has been verified. */
export interface ModelStatement {
  readonly name: string;
  readonly files: readonly SignedFile[];
  /** Files of the model's folder that the signer left out. */
  readonly ignoredPaths: readonly string[];
}

export type ModelVerdict = { readonly ok: true; readonly statement: ModelStatement } | { readonly ok: false; readonly reason: string };

/** Signs files as one model. @returns the bundle as JSON text, as `model.sig` holds it */
export function signModel(name: string, files: readonly SignedFile[], privateKey: KeyObject): string {
  const sorted = [...files].sort((a, b) => (a.name < b.name ? -1 : 1));
  const statement = {
    _type: statementType,
    subject: [{ name, digest: { sha256: rootOf(sorted.map(({ digest }) => digest)) } }],
    predicateType,
    predicate: {
      serialization: { method: 'files', hash_type: 'sha256', allow_symlinks: false, ignore_paths: [] },
      resources: sorted.map((file) => ({ name: file.name, algorithm: 'sha256', digest: file.digest })),
    },
  };
  return canonicalJson({
    mediaType: modelBundleType,
    verificationMaterial: { publicKey: { hint: modelKeyId(privateKey) }, tlogEntries: [] },
    dsseEnvelope: signEnvelope(payloadType, Buffer.from(canonicalJson(statement)), privateKey),
  });
}

/** Names a public key: the SHA-256 of its PEM text, as the reference implementation does. */
export function modelKeyId(key: KeyObject): string {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  return createHash('sha256')
    .update(publicKey.export({ format: 'pem', type: 'spki' }))
    .digest('hex');
}

/** The key that a bundle says it was signed with; undefined when it names none or is no bundle. Proves nothing. */
export function hintedKeyId(bundle: string): string | undefined {
  const hint = (jsonOf(bundle) as Bundle | undefined)?.verificationMaterial?.publicKey?.hint;
  return typeof hint === 'string' ? hint : undefined;
}

/** Verifies a bundle against the keys that are trusted. Says nothing yet of the files: compare those with `verifyModelFiles`. */
export function verifyModelBundle(bundle: string, trustedKeys: readonly KeyObject[]): ModelVerdict {
  const parsed = jsonOf(bundle) as Bundle | undefined;
  if (!parsed) return refused('the bundle is no JSON');
  if (parsed.mediaType !== modelBundleType) return refused(`the media type is not ${modelBundleType}`);
  const envelope = parsed.dsseEnvelope;
  if (envelope?.payloadType !== payloadType || typeof envelope.payload !== 'string') return refused(`the payload is not ${payloadType}`);
  const signatures = envelope.signatures;
  if (!Array.isArray(signatures) || signatures.length !== 1 || typeof signatures[0]?.sig !== 'string') {
    return refused('the envelope does not hold exactly one signature');
  }
  const payload = bytesOf(envelope.payload);
  const signature = bytesOf(signatures[0].sig);
  if (!payload || !signature) return refused('payload or signature is not base64');
  if (!isSignedByOneOf(trustedKeys, payloadType, payload, signature)) return refused('no trusted key made this signature');
  return statementOf(payload);
}

/** Compares the files with what was signed: each there and unchanged, and no other. @returns what is wrong */
export function modelFileFaults(statement: ModelStatement, files: readonly SignedFile[]): string[] {
  const present = new Map(files.map(({ name, digest }) => [name, digest]));
  const faults: string[] = [];
  for (const { name, digest } of statement.files) {
    const found = present.get(name);
    if (found === undefined) faults.push(`${name} is missing`);
    else if (found !== digest) faults.push(`${name} was changed`);
    present.delete(name);
  }
  for (const name of present.keys()) {
    const isIgnored = statement.ignoredPaths.some((path) => name === path || name.startsWith(`${path}/`));
    if (!isIgnored) faults.push(`${name} was not signed`);
  }
  return faults;
}

function statementOf(payload: Buffer): ModelVerdict {
  const statement = jsonOf(payload.toString('utf8')) as Statement | undefined;
  if (statement?._type !== statementType) return refused('the payload is no in-toto statement');
  if (statement.predicateType !== predicateType) return refused(`the predicate is not ${predicateType}`);
  const resources = statement.predicate?.resources;
  const subjects = statement.subject;
  if (!Array.isArray(resources) || resources.length === 0 || !Array.isArray(subjects) || subjects.length !== 1) {
    return refused('the statement does not list one model and its files');
  }
  const serialization = statement.predicate?.serialization;
  if (serialization?.method !== 'files' || serialization.hash_type !== 'sha256') return refused('only files hashed by SHA-256 are known');
  const files: SignedFile[] = [];
  for (const { name, algorithm, digest } of resources) {
    if (typeof name !== 'string' || algorithm !== 'sha256' || typeof digest !== 'string' || !/^[0-9a-f]{64}$/.test(digest)) {
      return refused('a file has no name or no SHA-256');
    }
    files.push({ name, digest });
  }
  if (new Set(files.map(({ name }) => name)).size !== files.length) return refused('a file is listed twice');
  const [subject] = subjects;
  if (subject?.digest?.sha256 !== rootOf(files.map(({ digest }) => digest)))
    return refused('the digest of the model is not that of its files');
  const ignored = Array.isArray(serialization.ignore_paths) ? serialization.ignore_paths.map(String) : [];
  return { ok: true, statement: { name: String(subject.name ?? ''), files, ignoredPaths: ignored } };
}

/** The digest of a model: SHA-256 over the digests of its files in the order of their names. */
function rootOf(digests: readonly string[]): string {
  const hash = createHash('sha256');
  for (const digest of digests) hash.update(Buffer.from(digest, 'hex'));
  return hash.digest('hex');
}

function refused(reason: string): ModelVerdict {
  return { ok: false, reason };
}

function jsonOf(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

interface Bundle {
  mediaType?: unknown;
  verificationMaterial?: { publicKey?: { hint?: unknown } };
  dsseEnvelope?: { payload?: unknown; payloadType?: unknown; signatures?: { sig?: unknown }[] };
}
interface Statement {
  _type?: unknown;
  subject?: { name?: unknown; digest?: { sha256?: unknown } }[];
  predicateType?: unknown;
  predicate?: {
    serialization?: { method?: unknown; hash_type?: unknown; ignore_paths?: unknown };
    resources?: { name?: unknown; algorithm?: unknown; digest?: unknown }[];
  };
}
