import { type DynamicModule, Global, Module } from '@nestjs/common';
import { APP_GUARD, DiscoveryModule } from '@nestjs/core';
import { AccessGuard } from './access.guard.js';
import { AccessDirectory } from './access-directory.js';
import { FreezeSwitch } from './freeze-switch.js';
import { RouteCheck } from './route-check.js';

/** Guards every route of the service; needs the messaging module for the key and switch buckets. */
@Global()
@Module({})
export class AccessModule {
  static forRoot(): DynamicModule {
    return {
      module: AccessModule,
      imports: [DiscoveryModule],
      providers: [AccessDirectory, FreezeSwitch, RouteCheck, { provide: APP_GUARD, useClass: AccessGuard }],
      exports: [AccessDirectory, FreezeSwitch],
    };
  }
}
