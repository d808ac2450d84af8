import { createHash } from 'node:crypto';

/** SHA-256 over everything that makes two requests the same request. */
export function requestHash(method: string, url: string, body: unknown): string {
  const hash = createHash('sha256').update(method).update('\n').update(url).update('\n');
  if (body instanceof Uint8Array) hash.update(body);
  else if (body !== undefined) hash.update(JSON.stringify(body));
  return hash.digest('hex');
}
