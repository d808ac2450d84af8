import type { Role } from '@bascule/contracts';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { publicMetadata, rolesMetadata } from './access.decorators.js';
import { AccessDirectory } from './access-directory.js';
import { admit, bearerOf } from './route-access.js';

/** Lets nobody in unless the route is public or the key has one of its roles. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly directory: AccessDirectory,
  ) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    // nobody has decided yet who may use another door
    if (context.getType() !== 'http') return false;
    const targets = [context.getHandler(), context.getClass()];
    if (this.reflector.getAllAndOverride<boolean | undefined>(publicMetadata, targets)) return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const roles = this.reflector.getAllAndOverride<readonly Role[] | undefined>(rolesMetadata, targets) ?? [];
    const found = this.directory.authenticate(bearerOf(request.headers.authorization));
    return found instanceof Promise ? found.then((credential) => admit(request, credential, roles)) : admit(request, found, roles);
  }
}
