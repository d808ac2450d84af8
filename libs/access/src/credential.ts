import type { AccessLimits, Role } from '@bascule/contracts';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { datasetNotAllowed, modelNotAllowed } from './errors.js';
import { matchesAny } from './name-pattern.js';

/** Who calls, as the guard found out. */
export interface Credential {
  readonly keyId: string;
  readonly identity: string;
  readonly roles: readonly Role[];
  /** Glob patterns of model and dataset names. */
  readonly models: readonly string[];
  readonly datasets: readonly string[];
  /** What it may use of the gateways; absent: no limit. */
  readonly limits?: AccessLimits | undefined;
}

declare module 'fastify' {
  interface FastifyRequest {
    credential?: Credential;
  }
}

/** Hands the caller's credential to a route: `@Credential() credential: Credential`. */
export const Credential = createParamDecorator((_data: unknown, context: ExecutionContext): Credential => {
  const { credential } = context.switchToHttp().getRequest<FastifyRequest>();
  if (!credential) throw new Error('a public route has no credential');
  return credential;
});

// no name in the answer: who asks by the id of something would learn what it belongs to
/** Throws `access.model_not_allowed` unless a pattern of the credential covers the name. */
export function requireModel(credential: Credential, name: string): void {
  if (!matchesAny(credential.models, name)) throw modelNotAllowed();
}

/** Throws `access.dataset_not_allowed` unless a pattern of the credential covers the name. */
export function requireDataset(credential: Credential, name: string): void {
  if (!matchesAny(credential.datasets, name)) throw datasetNotAllowed();
}
