import { Module } from '@nestjs/common';
import { AliasMovedConsumer } from './alias-moved.consumer.js';
import { EndpointsController } from './endpoints.controller.js';
import { EndpointsService } from './endpoints.service.js';
import { RoutingProjection } from './routing-projection.service.js';

@Module({
  controllers: [EndpointsController],
  providers: [EndpointsService, RoutingProjection, AliasMovedConsumer],
  exports: [EndpointsService],
})
export class EndpointsModule {}
