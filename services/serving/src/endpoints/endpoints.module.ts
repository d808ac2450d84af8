import { Module } from '@nestjs/common';
import { AliasMovedConsumer } from './alias-moved.consumer.js';
import { EndpointSettingsController } from './endpoint-settings.controller.js';
import { EndpointSettingsService } from './endpoint-settings.service.js';
import { EndpointsController } from './endpoints.controller.js';
import { EndpointsService } from './endpoints.service.js';
import { KnownVersionsService } from './known-versions.service.js';
import { RoutingProjection } from './routing-projection.service.js';
import { VersionArchivedConsumer } from './version-archived.consumer.js';
import { VersionRegisteredConsumer } from './version-registered.consumer.js';

@Module({
  controllers: [EndpointsController, EndpointSettingsController],
  providers: [
    EndpointsService,
    EndpointSettingsService,
    KnownVersionsService,
    RoutingProjection,
    AliasMovedConsumer,
    VersionRegisteredConsumer,
    VersionArchivedConsumer,
  ],
  exports: [EndpointsService],
})
export class EndpointsModule {}
