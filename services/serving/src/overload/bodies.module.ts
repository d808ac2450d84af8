import { Module } from '@nestjs/common';
import { BodyWatch } from './body-watch.service.js';
import { KnownCallers } from './known-callers.service.js';

/** Bodies on their way, in both roles. */
@Module({ providers: [BodyWatch, KnownCallers], exports: [BodyWatch, KnownCallers] })
export class BodiesModule {}
