import { createHash } from 'node:crypto';
import { accessLimits, type Role } from '@bascule/contracts';
import type { Credential } from './credential.js';
import type { JwtSettings } from './jwt-settings.js';

type Claims = Readonly<Record<string, unknown>>;
type ReadCredential = { readonly credential: Credential } | { readonly fault: string };

const maxIdentity = 200;
const maxPatterns = 100;
const plainSubject = /^[A-Za-z0-9._@-]{1,64}$/;
// control characters, halves of surrogate pairs and marks that reorder text make one name look like another
const unreadable = /[\p{Cc}\p{Cs}\p{Cf}]/u;

/** Makes a credential of the claims of a verified token, or says which claim it cannot use. */
export function credentialOfClaims(claims: Claims, settings: JwtSettings): ReadCredential {
  const { claims: names, defaultModels, defaultDatasets } = settings;
  const subject = claimOf(claims, 'sub');
  if (!isName(subject)) return { fault: 'the claim sub must be a readable text' };
  const identity = claimOf(claims, names.identity);
  if (!isName(identity)) return { fault: `the claim ${names.identity} must be a readable text of at most ${maxIdentity} characters` };
  const roles = listOf(claimOf(claims, names.roles)) ?? [];
  const models = patternsOf(claimOf(claims, names.models), defaultModels);
  const datasets = patternsOf(claimOf(claims, names.datasets), defaultDatasets);
  if (!models || !datasets)
    return { fault: `${models ? names.datasets : names.models} must be a list of at most ${maxPatterns} name patterns` };
  const limits = claimOf(claims, names.limits);
  // a limit that cannot be read must not become none
  const read = limits === undefined ? undefined : accessLimits.strict().safeParse(limits);
  if (read && !read.success) return { fault: `the claim ${names.limits} does not have the form of limits` };
  const known = read ? read.data : settings.defaultLimits;
  const credential = { keyId: keyIdOf(subject), identity, roles: rolesOf(roles, settings.roleNames), models, datasets };
  return { credential: known ? { ...credential, limits: known } : credential };
}

/** The stable name of a subject where keys have their id: `jwt:` and the subject, or a digest of one that is long or odd. */
export function keyIdOf(subject: string): string {
  if (plainSubject.test(subject)) return `jwt:${subject}`;
  // `~` is in no plain subject, so nobody can choose a subject that is named like this one
  return `jwt:~${createHash('sha256').update(subject).digest('hex').slice(0, 32)}`;
}

/** The claim of this name, or where its name has dots the one at that path. */
function claimOf(claims: Claims, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  let value: unknown = claims;
  for (const part of name.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Claims)[part];
  }
  return value;
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.trim() === value && value !== '' && value.length <= maxIdentity && !unreadable.test(value);
}

/** A list of texts, also when it is one text with spaces, as in `scope`. */
function listOf(value: unknown): string[] | undefined {
  if (typeof value === 'string') return value.split(/[\s,]+/).filter((part) => part !== '');
  return Array.isArray(value) && value.every((part) => typeof part === 'string') ? value : undefined;
}

function patternsOf(value: unknown, fallback: readonly string[]): readonly string[] | undefined {
  if (value === undefined) return fallback;
  const list = listOf(value);
  return list && list.length <= maxPatterns && list.every((pattern) => pattern.length <= 63) ? list : undefined;
}

function rolesOf(names: readonly string[], roleNames: ReadonlyMap<string, Role>): Role[] {
  return [...new Set(names.flatMap((name) => roleNames.get(name) ?? []))];
}
