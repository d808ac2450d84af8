import type { Role } from '@bascule/contracts';
import type { FastifyRequest, onRequestHookHandler } from 'fastify';
import type { AccessDirectory } from './access-directory.js';
import type { Credential } from './credential.js';
import { roleRequired } from './errors.js';

/** Gives a request its caller. @throws access.role_required when the caller has none of the roles */
export function admit(request: FastifyRequest, credential: Credential, roles: readonly Role[]): true {
  if (!roles.some((role) => credential.roles.includes(role))) throw roleRequired({ roles: roles.join(' or ') || 'nobody' });
  request.credential = credential;
  return true;
}

/** The token of an `Authorization: Bearer` header. */
export function bearerOf(header: string | undefined): string | undefined {
  return header && /^Bearer +(\S+)$/i.exec(header)?.[1];
}

/** For plain Fastify routes what the guard is for those of Nest: lets callers with one of the roles pass, before a body is read. */
export function requireRoles(directory: AccessDirectory, roles: readonly Role[]): onRequestHookHandler {
  return (request, _reply, done) => {
    let found: Credential | Promise<Credential>;
    try {
      found = directory.authenticate(bearerOf(request.headers.authorization));
      if (!(found instanceof Promise)) admit(request, found, roles);
    } catch (error) {
      return done(error as Error);
    }
    if (!(found instanceof Promise)) return done();
    found.then((credential) => admit(request, credential, roles)).then(() => done(), done);
  };
}
