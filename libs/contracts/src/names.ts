import { z } from 'zod';

/** Name of a model, dataset, pipeline or contract. */
export const entityName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, 'lower-case letters, digits, dot, underscore and dash; at most 63 characters');
/** SHA-256 in lower-case hex: names dataset versions and artifacts. */
export const digest = z.string().regex(/^[0-9a-f]{64}$/, 'SHA-256 as 64 lower-case hex digits');
export const uuid = z.uuid();
/** UTC, ISO 8601. */
export const instant = z.iso.datetime();
/** A moment as somebody asks for it, with any offset; read as UTC. */
export const askedInstant = z.iso
  .datetime({
    offset: true,
    error: 'a moment such as 2026-01-31T10:00:00Z or 2026-01-31T12:00:00+02:00; in an address the + is written %2B',
  })
  .overwrite((text) => (Number.isNaN(Date.parse(text)) ? text : new Date(text).toISOString()));
/** A moment of which something can be known. */
export const pastInstant = askedInstant.refine(
  (text) => !(Date.parse(text) > Date.now()),
  'lies in the future: nothing is known of it yet',
);
/** Model versions are integers from 1. */
export const versionNumber = z.int().min(1);
/** Where versions answer: `production`, `staging`, and what else an installation has set up. */
export const environment = entityName;
export type Environment = z.infer<typeof environment>;
/** Half-open window of `occurredAt`: from inclusive, to exclusive. */
export const timeWindow = z.object({ from: instant, to: instant });
export type TimeWindow = z.infer<typeof timeWindow>;
/** Who did something: the identity behind a credential. */
export const actor = z.object({ identity: z.string(), keyId: z.string().optional() });
export type Actor = z.infer<typeof actor>;
/**
 * Whether two identities name one person: keys are typed by people and tokens come from elsewhere, so that case, width and
 * spaces around it must not make two of one.
 */
export function isSameIdentity(one: string, other: string): boolean {
  return comparable(one) === comparable(other);
}

function comparable(identity: string): string {
  return identity.normalize('NFKC').trim().toLowerCase();
}

/** Name to number, for example `{auc: 0.78, logLoss: 0.31}`. */
export const metrics = z.record(z.string(), z.number());
export type Metrics = z.infer<typeof metrics>;
