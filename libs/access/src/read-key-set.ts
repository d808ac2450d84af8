import { readFile } from 'node:fs/promises';
import type { JSONWebKeySet } from 'jose';

const timeoutMs = 5000;
const maxBytes = 1_000_000;
const publicKinds = new Set(['RSA', 'EC', 'OKP']);

/** Reads the issuer's key set from its address or a file, in bounded time and memory. Only public keys for signatures are kept. */
export async function readKeySet(from: { readonly url: string } | { readonly file: string }): Promise<JSONWebKeySet> {
  const text = 'url' in from ? await fetchText(from.url) : await readFile(from.file, 'utf8');
  const parsed = JSON.parse(text) as { keys?: unknown } | null;
  const keys = parsed?.keys;
  if (!Array.isArray(keys)) throw new Error('the key set has no list of keys');
  return { keys: keys.filter(isPublic) };
}

// a secret in a public document is no secret: nothing it signs may be believed
function isPublic(key: unknown): boolean {
  if (typeof key !== 'object' || key === null || 'd' in key || 'k' in key) return false;
  const { kty, use } = key as { kty?: unknown; use?: unknown };
  return typeof kty === 'string' && publicKinds.has(kty) && (use === undefined || use === 'sig');
}

async function fetchText(url: string): Promise<string> {
  const response = await fetch(url, {
    headers: { accept: 'application/jwk-set+json, application/json' },
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutMs),
  });
  if (!response.ok || !response.body) {
    await response.body?.cancel();
    throw new Error(`the issuer answered ${response.status}`);
  }
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body) {
    size += part.length;
    if (size > maxBytes) throw new Error(`the key set is larger than ${maxBytes} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
