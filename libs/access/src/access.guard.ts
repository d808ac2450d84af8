import type { Role } from '@bascule/contracts';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { publicMetadata, rolesMetadata } from './access.decorators.js';
import { AccessDirectory } from './access-directory.js';
import { roleRequired } from './errors.js';

/** Lets nobody in unless the route is public or the key has one of its roles. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly directory: AccessDirectory,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    // nobody has decided yet who may use another door
    if (context.getType() !== 'http') return false;
    const targets = [context.getHandler(), context.getClass()];
    if (this.reflector.getAllAndOverride<boolean | undefined>(publicMetadata, targets)) return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const credential = this.directory.authenticate(bearerOf(request.headers.authorization));
    const roles = this.reflector.getAllAndOverride<readonly Role[] | undefined>(rolesMetadata, targets) ?? [];
    if (!roles.some((role) => credential.roles.includes(role))) throw roleRequired({ roles: roles.join(' or ') || 'nobody' });
    request.credential = credential;
    return true;
  }
}

/** The token of an `Authorization: Bearer` header. */
export function bearerOf(header: string | undefined): string | undefined {
  return header && /^Bearer +(\S+)$/i.exec(header)?.[1];
}
