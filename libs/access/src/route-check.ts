import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { publicMetadata, rolesMetadata } from './access.decorators.js';

type Handler = (...parameters: never[]) => unknown;

/** Refuses to start a service with a route that nobody could enter: deny by default must be a decision, not an oversight. */
@Injectable()
export class RouteCheck implements OnApplicationBootstrap {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly reflector: Reflector,
  ) {}

  onApplicationBootstrap(): void {
    const open = this.discovery.getControllers().flatMap(({ metatype, instance }) => {
      if (!metatype || !instance) return [];
      const prototype = Object.getPrototypeOf(instance) as Record<string, Handler>;
      return this.scanner
        .getAllMethodNames(prototype)
        .filter((name) => this.isUndecidedRoute(prototype[name]!, metatype))
        .map((name) => `${metatype.name}.${name}`);
    });
    if (open.length > 0) throw new Error(`routes without @Roles or @Public: ${open.join(', ')}`);
  }

  private isUndecidedRoute(handler: Handler, controller: NewableFunction): boolean {
    if (Reflect.getMetadata('path', handler) === undefined) return false;
    const targets = [handler, controller] as Parameters<Reflector['getAllAndOverride']>[1];
    const roles: unknown = this.reflector.getAllAndOverride(rolesMetadata, targets);
    const isPublic: unknown = this.reflector.getAllAndOverride(publicMetadata, targets);
    return roles === undefined && isPublic === undefined;
  }
}
