import type { Role } from '@bascule/contracts';
import { ApiOpen } from '@bascule/platform';
import { applyDecorators, type CustomDecorator, SetMetadata } from '@nestjs/common';

export const rolesMetadata = 'bascule:roles';
export const publicMetadata = 'bascule:public';

/** Opens a route, or every route of a controller, to keys with one of these roles. No role implies another. */
export function Roles(...roles: [Role, ...Role[]]): CustomDecorator {
  return SetMetadata(rolesMetadata, roles);
}

/** Opens a route to everybody. */
export function Public(): MethodDecorator & ClassDecorator {
  return applyDecorators(SetMetadata(publicMetadata, true), ApiOpen());
}
