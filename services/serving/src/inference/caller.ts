import type { Credential } from '@bascule/access';
import type { Role } from '@bascule/contracts';

/** Roles that may ask a model for an answer. */
export const inferenceRoles: readonly Role[] = ['client', 'operator', 'scientist', 'admin'];

/** True when the credential has one of the roles. */
export function hasRole({ roles }: Credential, allowed: readonly Role[]): boolean {
  return allowed.some((role) => roles.includes(role));
}

const traceparentForm = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}/;
const traceparentLength = 55;

/** The trace a caller is in, as W3C Trace Context writes it; undefined when the header is not in that form. */
export function traceparentOf(header: unknown): string | undefined {
  if (typeof header !== 'string' || header.length > 200 || !traceparentForm.test(header)) return undefined;
  if (header.length === traceparentLength) return header;
  // later versions may say more
  const isLonger = !header.startsWith('00') && header[traceparentLength] === '-';
  return isLonger ? header.slice(0, traceparentLength) : undefined;
}
