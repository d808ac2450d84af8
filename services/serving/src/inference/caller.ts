import type { Credential } from '@bascule/access';
import type { Role } from '@bascule/contracts';

/** Roles that may ask a model for an answer. */
export const inferenceRoles: readonly Role[] = ['client', 'operator', 'scientist', 'admin'];

/** True when the credential has one of the roles. */
export function hasRole({ roles }: Credential, allowed: readonly Role[]): boolean {
  return allowed.some((role) => roles.includes(role));
}
