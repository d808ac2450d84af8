import { parseToken } from '@bascule/access';
import { type Role, role } from '@bascule/contracts';

/** A first key of an installation. */
export interface BootstrapKey {
  readonly role: Role;
  readonly identity: string;
  readonly keyId: string;
  readonly secret: string;
}

/** Reads role to token; undefined when the text is not that. */
export function parseBootstrapKeys(text: string): BootstrapKey[] | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return undefined;
  const keys = Object.entries(parsed).map(([name, token]) => {
    const known = role.safeParse(name);
    const parts = typeof token === 'string' ? parseToken(token) : undefined;
    return known.success && parts ? { role: known.data, identity: `${known.data}@local`, ...parts } : undefined;
  });
  return keys.every((key) => key !== undefined) ? keys : undefined;
}
