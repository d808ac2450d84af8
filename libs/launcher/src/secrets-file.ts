import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { serviceNames } from '@bascule/contracts';
import { z } from 'zod';

/** One key per role, as printed at the start. */
export const roleKeys = z.object({
  client: z.string(),
  operator: z.string(),
  scientist: z.string(),
  approver: z.string(),
  auditor: z.string(),
  admin: z.string(),
});
export type RoleKeys = z.infer<typeof roleKeys>;
export const keyRoles = Object.keys(roleKeys.shape) as (keyof RoleKeys)[];

/** Everybody with a user of their own on NATS. */
export const natsUsers = [...serviceNames, 'console', 'operator'] as const;
export type NatsUser = (typeof natsUsers)[number];

const passwords = z.object({ nats: z.record(z.string(), z.string()), database: z.record(z.string(), z.string()) });
export type Passwords = z.infer<typeof passwords>;

const keyIdAlphabet = 'abcdefghijklmnopqrstuvwxyz234567';

/** A key as governance accepts it: 12 characters that name it, 43 that are secret. */
export function newRoleKey(): string {
  const keyId = [...randomBytes(12)].map((byte) => keyIdAlphabet[byte % 32]).join('');
  return `bsc_${keyId}_${randomBytes(32).toString('base64url')}`;
}

/** Writes a file only its owner can read, whole or not at all. */
export function writePrivately(path: string, value: unknown): void {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  renameSync(draft, path);
}

function readOrMake<T>(path: string, schema: z.ZodType<T>, make: () => T): T {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    const made = make();
    writePrivately(path, made);
    return made;
  }
  return schema.parse(JSON.parse(text));
}

/** The keys in this file; made at the first start, the same ever after. */
export function readRoleKeys(path: string): RoleKeys {
  return readOrMake(path, roleKeys, () => Object.fromEntries(keyRoles.map((role) => [role, newRoleKey()])) as RoleKeys);
}

/** The passwords services use for NATS and PostgreSQL; made at the first start. */
export function readPasswords(path: string): Passwords {
  const made = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, randomBytes(24).toString('hex')]));
  return readOrMake(path, passwords, () => ({ nats: made(natsUsers), database: made(serviceNames) }));
}
